//===- Generators.cpp - Random patterns on random grids -------------------===//
//
// The grid is fixed first, parts are made to fit it. Small extents with large
// parameters: borders and ragged ends are what goes wrong.
//
//===----------------------------------------------------------------------===//
#include "Generators.h"

#include <algorithm>

using namespace mlir::attn::test;

static Spec makeWindow(std::mt19937 &random, const Coordinates &extents,
                       Edge edge) {
  Neighborhood result;
  result.edge = edge;
  for (int64_t extent : extents) {
    int64_t dilation =
        pick(random, 0, 1) ? pick(random, 1, std::min<int64_t>(extent, 6)) : 1;
    int64_t most = extent / dilation;
    if (edge == Edge::Mask && pick(random, 0, 2) == 0) {
      dilation = pick(random, 1, 7);
      most = extent + 2;
    }
    int64_t window = pick(random, 1, most);
    result.dilation.push_back(dilation);
    result.window.push_back(window);
    result.stride.push_back(pick(random, 1, window));
    result.causal.push_back(edge != Edge::Wrap && pick(random, 0, 1));
  }
  return {result};
}

static Spec makeClamped(std::mt19937 &random, const Coordinates &,
                        const Coordinates &extents) {
  return makeWindow(random, extents, Edge::Clamp);
}

static Spec makeMasked(std::mt19937 &random, const Coordinates &,
                       const Coordinates &extents) {
  return makeWindow(random, extents, Edge::Mask);
}

static Spec makeWrapped(std::mt19937 &random, const Coordinates &,
                        const Coordinates &extents) {
  return makeWindow(random, extents, Edge::Wrap);
}

/// Two numbers in order, each possibly left out.
static void makeBounds(std::mt19937 &random, int64_t least, int64_t most,
                       std::optional<int64_t> &low,
                       std::optional<int64_t> &high) {
  int64_t one = pick(random, least, most), other = pick(random, least, most);
  if (pick(random, 0, 2) != 0)
    low = std::min(one, other);
  if (pick(random, 0, 2) != 0)
    high = std::max(one, other);
}

static Spec makeBand(std::mt19937 &random, const Coordinates &,
                     const Coordinates &extents) {
  Band result;
  result.axis = pick(random, 0, extents.size() - 1);
  int64_t reach = extents[result.axis] + 2;
  makeBounds(random, -reach, reach, result.lower, result.upper);
  result.bottomRight = pick(random, 0, 1);
  return {result};
}

static Spec makeBlocked(std::mt19937 &random, const Coordinates &,
                        const Coordinates &extents) {
  Blocked result;
  for (int64_t extent : extents)
    result.block.push_back(pick(random, 1, extent + 2));
  return {result};
}

static Spec makeHalo(std::mt19937 &random, const Coordinates &,
                     const Coordinates &extents) {
  Halo result;
  for (int64_t extent : extents) {
    result.block.push_back(pick(random, 1, extent + 2));
    result.halo.push_back(pick(random, 0, extent / 2 + 1));
  }
  return {result};
}

static Spec makeShifted(std::mt19937 &random, const Coordinates &,
                        const Coordinates &extents) {
  ShiftedWindow result;
  for (int64_t extent : extents) {
    result.window.push_back(pick(random, 1, extent));
    result.shift.push_back(pick(random, 0, result.window.back() - 1));
  }
  return {result};
}

static Spec makeRange(std::mt19937 &random, const Coordinates &queries,
                      const Coordinates &keys) {
  Range result;
  result.ofKeys = pick(random, 0, 1);
  result.axis = pick(random, 0, keys.size() - 1);
  int64_t extent = (result.ofKeys ? keys : queries)[result.axis];
  makeBounds(random, -1, extent + 1, result.begin, result.end);
  if (result.begin && result.end && *result.begin == *result.end)
    ++*result.end;
  return {result};
}

static Spec makePowerOfTwo(std::mt19937 &random, const Coordinates &,
                           const Coordinates &extents) {
  int64_t axis = pick(random, 0, extents.size() - 1);
  return {PowerOfTwo{pick(random, 1, extents[axis] / 2 + 1), axis}};
}

static Spec makeRelation(std::mt19937 &random, const Coordinates &,
                         const Coordinates &extents) {
  Relation result{int64_t(extents.size()), {}};
  for (int64_t count = pick(random, 1, 2); count > 0; --count) {
    Relation::Constraint constraint{{}, pick(random, -4, 4), false};
    for (int64_t terms = pick(random, 1, 2); terms > 0; --terms) {
      Relation::Term term;
      term.coefficient = pick(random, 0, 1) ? 1 : -1;
      for (int64_t factors = pick(random, 1, 2); factors > 0; --factors)
        term.sum.emplace_back(pick(random, 0, 1) ? pick(random, 1, 3)
                                                 : -pick(random, 1, 3),
                              pick(random, 0, 2 * result.rank - 1));
      term.rounding = Relation::Rounding(pick(random, 0, 2));
      term.divisor = pick(random, 2, 5);
      constraint.terms.push_back(term);
    }
    // An equation of unrounded terms hides nearly everything.
    constraint.isEquality =
        constraint.terms[0].rounding != Relation::Rounding::None &&
        pick(random, 0, 1);
    result.constraints.push_back(constraint);
  }
  return {result};
}

const std::vector<AtomKind> &mlir::attn::test::atomKinds() {
  // Name, needs equal extents, promises all, generator.
  static const std::vector<AtomKind> kinds = {
      {"neighborhood", true, true, makeClamped},
      {"neighborhood, mask", true, true, makeMasked},
      {"neighborhood, wrap", true, false, makeWrapped},
      {"band", false, true, makeBand},
      {"blocked", false, true, makeBlocked},
      {"halo", false, true, makeHalo},
      {"shifted_window", true, true, makeShifted},
      {"range", false, true, makeRange},
      {"power_of_two", false, true, makePowerOfTwo},
      {"relation", false, false, makeRelation},
  };
  return kinds;
}

const AtomKind *mlir::attn::test::kindOf(const Spec &spec) {
  const std::vector<AtomKind> &kinds = atomKinds();
  size_t index = spec.kind.index();
  if (const auto *window = std::get_if<Neighborhood>(&spec.kind))
    return &kinds[size_t(window->edge)];
  index += 2; // the two further boundaries
  return index < kinds.size() ? &kinds[index] : nullptr;
}

Case mlir::attn::test::randomGrid(std::mt19937 &random, bool equal) {
  Case result;
  int64_t rank = pick(random, 1, 3), longest = rank == 1   ? 40
                                               : rank == 2 ? 14
                                                           : 6;
  for (int64_t axis = 0; axis < rank; ++axis) {
    result.queryExtents.push_back(pick(random, 1, longest));
    result.keyExtents.push_back(equal ? result.queryExtents.back()
                                      : pick(random, 1, longest));
  }
  return result;
}

static Spec randomSpec(std::mt19937 &random, const Case &grid, bool equal,
                       int64_t depth) {
  auto parts = [&](int64_t least) {
    std::vector<Spec> result;
    for (int64_t count = pick(random, least, 3); count > 0; --count)
      result.push_back(
          randomSpec(random, grid, equal, depth - pick(random, 1, 2)));
    return result;
  };
  if (depth > 0) {
    int64_t form = pick(random, 0, 4);
    if (form == 0)
      return {Not{{randomSpec(random, grid, equal, depth - 1)}}};
    return form < 3 ? Spec{AllOf{parts(pick(random, 0, 7) == 0 ? 0 : 1)}}
                    : Spec{AnyOf{parts(1)}};
  }
  while (true) {
    const AtomKind &kind = atomKinds()[pick(random, 0, atomKinds().size() - 1)];
    if (equal || !kind.needsEqualExtents)
      return kind.make(random, grid.queryExtents, grid.keyExtents);
  }
}

Case mlir::attn::test::randomCase(std::mt19937 &random) {
  bool equal = pick(random, 0, 3) != 0;
  Case result = randomGrid(random, equal);
  result.spec = randomSpec(random, result, equal, /*depth=*/pick(random, 0, 3));
  return result;
}

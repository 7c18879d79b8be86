//===- Sweep.cpp - Strides and tile shapes that waste nothing -------------===//
//
// Axes are independent, so each (axis, stride, tile) is counted once, and a
// stride that visits no less than a smaller one is never combined.
//
//===----------------------------------------------------------------------===//
#include "AxisCount.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using namespace mlir;
using namespace mlir::attn;

namespace {
/// One stride of one axis that is worth its coarser windows.
struct AxisEntry {
  int64_t stride;
  AxisCount count;
  double pairs;
};

class Search {
public:
  explicit Search(const TileProblem &problem) : problem(problem) {
    neighborhood = dyn_cast<NeighborhoodAttr>(Attribute(problem.pattern));
  }

  std::vector<SweepEntry> run() {
    int64_t rows = 1, cols = 1;
    for (int64_t axis = 0; axis < problem.rank(); ++axis) {
      rows *= problem.queryTile[axis];
      cols *= problem.keyTile[axis];
    }
    for (const auto &query : shapes(rows, problem.queryTile))
      for (const auto &key : shapes(cols, problem.keyTile)) {
        TileProblem one = problem;
        one.queryTile = query;
        one.keyTile = key;
        entries.push_back(best(one));
      }
    return std::move(entries);
  }

private:
  using Shape = SmallVector<int64_t, 3>;

  /// Shapes of powers of two that hold `size` tokens, or the given one if there
  /// is none.
  SmallVector<Shape> shapes(int64_t size, const Shape &given) {
    SmallVector<Shape> found;
    if (!llvm::isPowerOf2_64(size))
      return {given};
    Shape prefix;
    extend(size, prefix, found);
    return found;
  }

  void extend(int64_t size, Shape &prefix, SmallVector<Shape> &found) {
    if (int64_t(prefix.size()) + 1 == problem.rank()) {
      found.push_back(prefix);
      found.back().push_back(size);
      return;
    }
    for (int64_t extent = 1; extent <= size; extent *= 2) {
      prefix.push_back(extent);
      extend(size / extent, prefix, found);
      prefix.pop_back();
    }
  }

  PatternAttrInterface withStride(int64_t axis, int64_t stride) {
    if (!neighborhood)
      return problem.pattern;
    SmallVector<int64_t> strides(neighborhood.getStride());
    strides[axis] = stride;
    return NeighborhoodAttr::get(
        neighborhood.getContext(), neighborhood.getWindow(), strides,
        neighborhood.getDilation(), neighborhood.getCausal());
  }

  double pairsOf(const AxisProblem &one, int64_t stride) {
    // Only the window's size matters unless its end moves with the query.
    if (neighborhood && !neighborhood.getCausal()[one.axis])
      return double(one.queryExtent) * neighborhood.getWindow()[one.axis];
    auto [entry, fresh] = pairs.try_emplace({one.axis, stride}, 0.0);
    if (fresh)
      entry->second = countAxisPairs(one);
    return entry->second;
  }

  ArrayRef<AxisEntry> axisEntries(const TileProblem &one, int64_t axis) {
    auto [place, fresh] = counted.try_emplace(
        std::tuple(axis, one.queryTile[axis], one.keyTile[axis]));
    if (!fresh)
      return place->second;
    int64_t most = neighborhood ? neighborhood.getWindow()[axis] : 1;
    for (int64_t stride = 1; stride <= most; ++stride) {
      AxisProblem here = axisOf(one, axis);
      here.pattern = withStride(axis, stride);
      AxisCount count = countAxis(here);
      std::vector<AxisEntry> &kept = place->second;
      if (kept.empty() ||
          count.windowStart.worst < kept.back().count.windowStart.worst ||
          count.fixedGrid.worst < kept.back().count.fixedGrid.worst)
        kept.push_back({stride, count, pairsOf(here, stride)});
    }
    return place->second;
  }

  /// The smallest strides that are perfect for a tile shape, or those of the
  /// highest bound.
  SweepEntry best(const TileProblem &one) {
    SmallVector<int64_t, 3> sizes;
    for (int64_t axis = 0; axis < one.rank(); ++axis)
      sizes.push_back(axisEntries(one, axis).size());
    SweepEntry found;
    SmallVector<int64_t, 3> index(one.rank(), 0);
    while (true) {
      SweepEntry entry = combine(one, index);
      if (found.stride.empty() || isBefore(entry, found))
        found = entry;
      size_t axis = index.size();
      while (axis > 0 && ++index[axis - 1] == sizes[axis - 1])
        index[--axis] = 0;
      if (axis == 0)
        break;
    }
    if (!neighborhood)
      found.stride.clear();
    else
      found.problem.pattern = NeighborhoodAttr::get(
          neighborhood.getContext(), neighborhood.getWindow(), found.stride,
          neighborhood.getDilation(), neighborhood.getCausal());
    return found;
  }

  SweepEntry combine(const TileProblem &one, ArrayRef<int64_t> index) {
    SweepEntry entry{one, {}, denseSimulation(one)};
    Simulation &result = entry.simulation;
    result.queryTiles = result.attendedLeast = result.attendedMost = 1;
    result.fixedGrid = result.windowStart = {1, 1, 1};
    for (int64_t axis = 0; axis < one.rank(); ++axis) {
      const AxisEntry &part = axisEntries(one, axis)[index[axis]];
      entry.stride.push_back(part.stride);
      multiply(result, part.count, part.pairs);
    }
    return entry;
  }

public:
  /// What a user would rather have: a perfect entry, small strides, a high
  /// bound.
  static bool isBefore(const SweepEntry &a, const SweepEntry &b) {
    auto perfect = [](const SweepEntry &entry) {
      return entry.simulation.isPerfect(entry.simulation.fixedGrid) +
             entry.simulation.isPerfect(entry.simulation.windowStart);
    };
    if (perfect(a) != perfect(b))
      return perfect(a) > perfect(b);
    auto product = [](const SweepEntry &entry) {
      double all = 1;
      for (int64_t stride : entry.stride)
        all *= stride;
      return all;
    };
    double boundA = a.simulation.worstBound(a.simulation.windowStart),
           boundB = b.simulation.worstBound(b.simulation.windowStart);
    if (!perfect(a) && boundA != boundB)
      return boundA > boundB;
    if (product(a) != product(b))
      return product(a) < product(b);
    if (boundA != boundB)
      return boundA > boundB;
    auto shape = [](const SweepEntry &entry) {
      SmallVector<int64_t> all;
      all.append(entry.problem.queryTile);
      all.append(entry.problem.keyTile);
      all.append(entry.stride);
      return all;
    };
    SmallVector<int64_t> shapeA = shape(a), shapeB = shape(b);
    return std::lexicographical_compare(shapeA.begin(), shapeA.end(),
                                        shapeB.begin(), shapeB.end());
  }

private:
  const TileProblem &problem;
  NeighborhoodAttr neighborhood;
  std::vector<SweepEntry> entries;
  std::map<std::tuple<int64_t, int64_t, int64_t>, std::vector<AxisEntry>>
      counted;
  std::map<std::pair<int64_t, int64_t>, double> pairs;
};
} // namespace

FailureOr<std::vector<SweepEntry>> mlir::attn::sweep(const TileProblem &problem,
                                                     size_t limit,
                                                     ErrorEmitter emitError) {
  if (failed(verifyProblem(problem, emitError)))
    return failure();
  if (!PatternAttrInterface(problem.pattern).isSeparable())
    return emitError() << "expected the pattern of a sweep to be a product of "
                          "its axes, but got "
                       << Attribute(problem.pattern);
  std::vector<SweepEntry> entries = Search(problem).run();
  llvm::sort(entries, Search::isBefore);
  entries.resize(std::min(limit, entries.size()));
  return entries;
}

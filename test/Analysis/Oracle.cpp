//===- Oracle.cpp - Patterns by their definition --------------------------===//
//
// Each definition is that of the attribute's description. Source of the
// neighborhood: arXiv:2504.16922 and its reference mask.
//
//===----------------------------------------------------------------------===//
#include "Oracle.h"

#include <algorithm>
#include <numeric>

using namespace mlir::attn::test;

namespace {
/// std::visit with a lambda an alternative.
template <class... Functions> struct Overload : Functions... {
  using Functions::operator()...;
};
template <class... Functions> Overload(Functions...) -> Overload<Functions...>;
} // namespace

static int64_t floorDiv(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t mod(int64_t a, int64_t b) { return a - floorDiv(a, b) * b; }

//===----------------------------------------------------------------------===//
// One axis
//===----------------------------------------------------------------------===//

static bool onAxis(const Neighborhood &part, int64_t axis, int64_t,
                   int64_t extent, int64_t x, int64_t y) {
  int64_t w = part.window[axis], s = part.stride[axis], d = part.dilation[axis];
  if (x % d != y % d)
    return false;
  int64_t i = x / d, j = y / d;
  int64_t length = (extent - x % d + d - 1) / d; // of the dilation group
  if (part.causal[axis]) {
    int64_t leader = std::min(i / s * s + s - 1, length - 1);
    return std::max<int64_t>(leader - w + 1, 0) <= j && j <= i;
  }
  int64_t leader = std::min(i / s * s + s / 2, length - 1);
  int64_t start = leader - w / 2;
  if (part.edge == Edge::Wrap)
    return mod(j - start, length) < w;
  if (part.edge == Edge::Clamp)
    start = std::max<int64_t>(std::min(start, length - w), 0);
  return start <= j && j < start + w;
}

static bool onAxis(const Band &part, int64_t axis, int64_t queryExtent,
                   int64_t keyExtent, int64_t x, int64_t y) {
  if (part.axis != axis)
    return true;
  int64_t offset = y - x - (part.bottomRight ? keyExtent - queryExtent : 0);
  return (!part.lower || *part.lower <= offset) &&
         (!part.upper || offset <= *part.upper);
}

static bool onAxis(const Blocked &part, int64_t axis, int64_t, int64_t,
                   int64_t x, int64_t y) {
  return x / part.block[axis] == y / part.block[axis];
}

static bool onAxis(const Halo &part, int64_t axis, int64_t, int64_t, int64_t x,
                   int64_t y) {
  int64_t b = part.block[axis], h = part.halo[axis], first = x / b * b;
  return first - h <= y && y < first + b + h;
}

static bool onAxis(const ShiftedWindow &part, int64_t axis, int64_t,
                   int64_t extent, int64_t x, int64_t y) {
  int64_t w = part.window[axis], s = part.shift[axis];
  auto region = [&](int64_t rolled) {
    return rolled < extent - w ? 0 : rolled < extent - s ? 1 : 2;
  };
  int64_t i = mod(x - s, extent), j = mod(y - s, extent);
  return i / w == j / w && region(i) == region(j);
}

static bool onAxis(const Range &part, int64_t axis, int64_t, int64_t, int64_t x,
                   int64_t y) {
  if (part.axis != axis)
    return true;
  int64_t token = part.ofKeys ? y : x;
  return (!part.begin || *part.begin <= token) &&
         (!part.end || token < *part.end);
}

static bool onAxis(const PowerOfTwo &part, int64_t axis, int64_t, int64_t,
                   int64_t x, int64_t y) {
  if (part.axis != axis)
    return true;
  int64_t distance = x / part.block - y / part.block;
  bool isPower = distance == 0;
  for (int64_t power = 1; power <= distance; power *= 2)
    isPower |= power == distance;
  return isPower;
}

bool mlir::attn::test::seesOnAxis(const Spec &spec, int64_t axis,
                                  int64_t queryExtent, int64_t keyExtent,
                                  int64_t x, int64_t y) {
  auto part = [&](const Spec &part) {
    return seesOnAxis(part, axis, queryExtent, keyExtent, x, y);
  };
  return std::visit(
      Overload{[&](const AllOf &all) {
                 return std::ranges::all_of(all.parts, part);
               },
               [&](const AnyOf &any) {
                 return std::ranges::any_of(any.parts, part);
               },
               [&](const Not &inner) { return !part(inner.operand[0]); },
               [&](const Relation &) { return true; },
               [&](const auto &atom) {
                 return onAxis(atom, axis, queryExtent, keyExtent, x, y);
               }},
      spec.kind);
}

int64_t mlir::attn::test::stepOf(const Spec &spec, int64_t axis) {
  int64_t step = 1;
  if (const auto *window = std::get_if<Neighborhood>(&spec.kind))
    step = window->dilation[axis];
  if (const auto *all = std::get_if<AllOf>(&spec.kind))
    for (const Spec &part : all->parts)
      step = std::lcm(step, stepOf(part, axis));
  if (const auto *any = std::get_if<AnyOf>(&spec.kind))
    step = stepOf(any->parts[0], axis);
  return step;
}

//===----------------------------------------------------------------------===//
// Pairs
//===----------------------------------------------------------------------===//

static bool holds(const Relation::Constraint &constraint,
                  const Coordinates &query, const Coordinates &key) {
  int64_t value = constraint.constant;
  for (const Relation::Term &term : constraint.terms) {
    int64_t sum = 0, rank = query.size();
    for (auto [factor, at] : term.sum)
      sum += factor * (at < rank ? query[at] : key[at - rank]);
    if (term.rounding == Relation::Rounding::FloorDiv)
      sum = floorDiv(sum, term.divisor);
    if (term.rounding == Relation::Rounding::Mod)
      sum = mod(sum, term.divisor);
    value += term.coefficient * sum;
  }
  return constraint.isEquality ? value == 0 : value >= 0;
}

static bool sees(const Spec &spec, const Case &grid, const Coordinates &query,
                 const Coordinates &key) {
  auto part = [&](const Spec &part) { return sees(part, grid, query, key); };
  return std::visit(
      Overload{[&](const AllOf &all) {
                 return std::ranges::all_of(all.parts, part);
               },
               [&](const AnyOf &any) {
                 return std::ranges::any_of(any.parts, part);
               },
               [&](const Not &inner) { return !part(inner.operand[0]); },
               [&](const Relation &relation) {
                 return std::ranges::all_of(
                     relation.constraints,
                     [&](const Relation::Constraint &one) {
                       return holds(one, query, key);
                     });
               },
               [&](const auto &atom) {
                 for (int64_t axis = 0; axis < grid.rank(); ++axis)
                   if (!onAxis(atom, axis, grid.queryExtents[axis],
                               grid.keyExtents[axis], query[axis], key[axis]))
                     return false;
                 return true;
               }},
      spec.kind);
}

bool mlir::attn::test::sees(const Case &instance, const Coordinates &query,
                            const Coordinates &key) {
  return ::sees(instance.spec, instance, query, key);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static std::string list(const Coordinates &values) {
  std::string text;
  for (int64_t value : values)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "[" + text + "]";
}

static std::string list(const std::vector<Spec> &parts) {
  std::string text;
  for (const Spec &part : parts)
    text += (text.empty() ? "" : ", ") + part.text();
  return "[" + text + "]";
}

static std::string optional(const char *name, std::optional<int64_t> value) {
  return value ? std::string(name) + " = " + std::to_string(*value) + ", " : "";
}

static std::string textOf(const Neighborhood &part) {
  std::string causal;
  for (bool flag : part.causal)
    causal +=
        std::string(causal.empty() ? "" : ", ") + (flag ? "true" : "false");
  return "neighborhood<window = " + list(part.window) +
         ", stride = " + list(part.stride) +
         ", dilation = " + list(part.dilation) + ", causal = [" + causal + "]" +
         (part.edge == Edge::Mask   ? ", boundary = mask"
          : part.edge == Edge::Wrap ? ", boundary = wrap"
                                    : "") +
         ">";
}

static std::string textOf(const Relation &part) {
  std::string dims = "d0, d1"; // batch and head
  std::string results[2]; // of the map that is >= 0, and of that which is 0
  for (int64_t at = 0; at < 2 * part.rank; ++at)
    dims += ", d" + std::to_string(at + 2);
  for (const Relation::Constraint &constraint : part.constraints) {
    std::string &list = results[constraint.isEquality];
    list += (list.empty() ? "" : ", ");
    for (const Relation::Term &term : constraint.terms) {
      std::string sum;
      for (auto [factor, at] : term.sum)
        sum += (sum.empty() ? "" : " + ") + ("d" + std::to_string(at + 2)) +
               " * " + std::to_string(factor);
      if (term.rounding != Relation::Rounding::None)
        sum = "(" + sum + ")" +
              (term.rounding == Relation::Rounding::Mod ? " mod "
                                                        : " floordiv ") +
              std::to_string(term.divisor);
      list += "(" + sum + ") * " + std::to_string(term.coefficient) + " + ";
    }
    list += std::to_string(constraint.constant);
  }
  std::string text;
  for (auto [name, list] :
       {std::pair("nonnegative", results[0]), std::pair("zero", results[1])})
    if (!list.empty())
      text += (text.empty() ? "" : ", ") + std::string(name) +
              " = affine_map<(" + dims + ") -> (" + list + ")>";
  return "relation<" + text + ">";
}

std::string Spec::text() const {
  auto number = [](int64_t value) { return std::to_string(value); };
  return "#attn." +
         std::visit(
             Overload{[](const Neighborhood &part) { return textOf(part); },
                      [](const Relation &part) { return textOf(part); },
                      [&](const Band &part) {
                        return "band<" + optional("lower", part.lower) +
                               optional("upper", part.upper) + "align = " +
                               (part.bottomRight ? "bottom_right"
                                                 : "top_left") +
                               ", axis = " + number(part.axis) + ">";
                      },
                      [](const Blocked &part) {
                        return "blocked<block = " + list(part.block) + ">";
                      },
                      [](const Halo &part) {
                        return "halo<block = " + list(part.block) +
                               ", halo = " + list(part.halo) + ">";
                      },
                      [](const ShiftedWindow &part) {
                        return "shifted_window<window = " + list(part.window) +
                               ", shift = " + list(part.shift) + ">";
                      },
                      [&](const Range &part) {
                        return std::string("range<side = ") +
                               (part.ofKeys ? "key, " : "query, ") +
                               optional("begin", part.begin) +
                               optional("end", part.end) +
                               "axis = " + number(part.axis) + ">";
                      },
                      [&](const PowerOfTwo &part) {
                        return "power_of_two<block = " + number(part.block) +
                               ", axis = " + number(part.axis) + ">";
                      },
                      [](const AllOf &all) {
                        return "all_of<" + list(all.parts) + ">";
                      },
                      [](const AnyOf &any) {
                        return "any_of<" + list(any.parts) + ">";
                      },
                      [](const Not &inner) {
                        return "not<" + inner.operand[0].text() + ">";
                      }},
             kind);
}

std::string Case::text() const {
  return spec.text() + " on " + list(queryExtents) + " x " + list(keyExtents);
}

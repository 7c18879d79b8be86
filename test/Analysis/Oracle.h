//===- Oracle.h - Patterns by their definition ----------------------------===//
//
// What each pattern shows, one (query, key) pair at a time, straight from the
// definitions: no intervals, no closed forms, and no call into the library.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_ANALYSIS_ORACLE_H
#define ATTN_TEST_ANALYSIS_ORACLE_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mlir::attn::test {

using Coordinates = std::vector<int64_t>;

enum class Edge { Clamp, Mask, Wrap };

struct Neighborhood {
  Coordinates window, stride, dilation;
  std::vector<bool> causal;
  Edge edge = Edge::Clamp;
};

struct Band {
  std::optional<int64_t> lower, upper;
  bool bottomRight = false;
  int64_t axis = 0;
};

struct Blocked {
  Coordinates block;
};

struct Halo {
  Coordinates block, halo;
};

struct ShiftedWindow {
  Coordinates window, shift;
};

struct Range {
  bool ofKeys = true;
  std::optional<int64_t> begin, end;
  int64_t axis = 0;
};

/// Blocks of queries see blocks that are 0, 1, 2, 4, 8, ... before them.
struct PowerOfTwo {
  int64_t block = 1, axis = 0;
};

/// Conjunction of `sum of terms + constant >= 0` (or `== 0`).
struct Relation {
  enum class Rounding { None, FloorDiv, Mod };
  /// coefficient * rounded(sum of factor * coordinate); coordinates are those
  /// of the query, then those of the key.
  struct Term {
    int64_t coefficient;
    std::vector<std::pair<int64_t, int64_t>> sum; ///< (factor, coordinate)
    Rounding rounding;
    int64_t divisor;
  };
  struct Constraint {
    std::vector<Term> terms;
    int64_t constant;
    bool isEquality;
  };
  int64_t rank;
  std::vector<Constraint> constraints;
};

struct Spec;
struct AllOf {
  std::vector<Spec> parts;
};
struct AnyOf {
  std::vector<Spec> parts;
};
struct Not {
  std::vector<Spec> operand; ///< exactly one
};

struct Spec {
  std::variant<Neighborhood, Band, Blocked, Halo, ShiftedWindow, Range,
               PowerOfTwo, Relation, AllOf, AnyOf, Not>
      kind;

  /// The attribute as the compiler reads it.
  std::string text() const;
};

/// A pattern on a grid.
struct Case {
  Spec spec;
  Coordinates queryExtents, keyExtents;

  int64_t rank() const { return queryExtents.size(); }
  std::string text() const;
};

/// Whether query `x` sees key `y` as far as `axis` is concerned; for patterns
/// that are products of their axes.
bool seesOnAxis(const Spec &spec, int64_t axis, int64_t queryExtent,
                int64_t keyExtent, int64_t x, int64_t y);

/// Whether token `query` sees token `key`.
bool sees(const Case &instance, const Coordinates &query,
          const Coordinates &key);

/// Least common multiple of all dilations along `axis`; for the same patterns.
int64_t stepOf(const Spec &spec, int64_t axis);

} // namespace mlir::attn::test

#endif // ATTN_TEST_ANALYSIS_ORACLE_H

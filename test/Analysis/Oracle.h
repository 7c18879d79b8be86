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
#include <random>
#include <string>
#include <vector>

namespace mlir::attn::test {

using Coordinates = std::vector<int64_t>;

struct Neighborhood {
  Coordinates window, stride, dilation;
  std::vector<bool> causal;
};

struct Band {
  std::optional<int64_t> lower, upper;
  bool bottomRight = false;
  int64_t axis = 0;
};

/// A neighborhood, a band, or (neither) the conjunction of `parts`.
struct Spec {
  std::optional<Neighborhood> neighborhood;
  std::optional<Band> band;
  std::vector<Spec> parts;

  bool isAllOf() const { return !neighborhood && !band; }
  /// The attribute's text.
  std::string text() const;
};

/// A pattern on a grid.
struct Case {
  Spec spec;
  Coordinates queryExtents, keyExtents;

  int64_t rank() const { return queryExtents.size(); }
  std::string text() const;
};

/// Whether query `x` sees key `y` as far as `axis` is concerned.
bool seesOnAxis(const Spec &spec, int64_t axis, int64_t queryExtent,
                int64_t keyExtent, int64_t x, int64_t y);

/// Whether token `query` sees token `key`.
bool sees(const Case &instance, const Coordinates &query,
          const Coordinates &key);

/// Least common multiple of all dilations along `axis`.
int64_t stepOf(const Spec &spec, int64_t axis);

/// A random pattern on a grid that it fits.
Case randomCase(std::mt19937 &random);

} // namespace mlir::attn::test

#endif // ATTN_TEST_ANALYSIS_ORACLE_H

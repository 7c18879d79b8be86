//===- Generators.h - Random patterns on random grids ---------------------===//
//
// One row a kind of atom. A kind that the dialect lacks has its definition and
// its worked examples, and is left out of everything that asks the library.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_ANALYSIS_GENERATORS_H
#define ATTN_TEST_ANALYSIS_GENERATORS_H

#include "Oracle.h"

#include <random>

namespace mlir::attn::test {

/// A random number in [least, most].
inline int64_t pick(std::mt19937 &random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

struct AtomKind {
  const char *name;
  bool needsEqualExtents; ///< of queries and keys
  /// Whether `covers` and `excludes` of a box of existing tokens in frames of
  /// the atom's own step say all that there is to say.
  bool promisesAll;
  Spec (*make)(std::mt19937 &random, const Coordinates &queryExtents,
               const Coordinates &keyExtents);
};

/// All kinds of atoms.
const std::vector<AtomKind> &atomKinds();

/// The row of an atom; null for compositions.
const AtomKind *kindOf(const Spec &spec);

/// A random grid, queries and keys alike or not.
Case randomGrid(std::mt19937 &random, bool equal);

/// An atom, or a composition of compositions, on a grid that it fits.
Case randomCase(std::mt19937 &random);

} // namespace mlir::attn::test

#endif // ATTN_TEST_ANALYSIS_GENERATORS_H

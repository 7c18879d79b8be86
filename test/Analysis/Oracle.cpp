//===- Oracle.cpp - Patterns by their definition --------------------------===//
//
// Source of the neighborhood: arXiv:2504.16922 and its reference mask. The band
// is `lower <= y - x - shift <= upper`.
//
//===----------------------------------------------------------------------===//
#include "Oracle.h"

#include <algorithm>
#include <numeric>

using namespace mlir::attn::test;

static std::string list(const auto &values) {
  std::string text;
  for (auto value : values)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "[" + text + "]";
}

std::string Spec::text() const {
  if (neighborhood)
    return "neighborhood<window = " + list(neighborhood->window) +
           ", stride = " + list(neighborhood->stride) +
           ", dilation = " + list(neighborhood->dilation) +
           ", causal = " + list(neighborhood->causal) + ">";
  if (band)
    return "band<lower = " +
           (band->lower ? std::to_string(*band->lower) : "none") +
           ", upper = " +
           (band->upper ? std::to_string(*band->upper) : "none") +
           (band->bottomRight ? ", bottom_right" : ", top_left") +
           ", axis = " + std::to_string(band->axis) + ">";
  std::string text;
  for (const Spec &part : parts)
    text += (text.empty() ? "" : ", ") + part.text();
  return "all_of<[" + text + "]>";
}

std::string Case::text() const {
  return spec.text() + " on " + list(queryExtents) + " x " + list(keyExtents);
}

/// One axis of a neighborhood of window w, stride s, dilation d on n tokens.
static bool isNeighbor(int64_t n, int64_t w, int64_t s, int64_t d, bool causal,
                       int64_t x, int64_t y) {
  if (x % d != y % d)
    return false;
  int64_t i = x / d, j = y / d;
  int64_t length = 0; // of the dilation group, counted
  for (int64_t token = x % d; token < n; token += d)
    ++length;
  if (causal) {
    int64_t leader = std::min(i / s * s + s - 1, length - 1);
    return std::max<int64_t>(leader - (w - 1), 0) <= j && j <= i;
  }
  int64_t leader = std::min(i / s * s + s / 2, length - 1);
  int64_t start = std::max<int64_t>(std::min(leader - w / 2, length - w), 0);
  return start <= j && j < start + w;
}

bool mlir::attn::test::seesOnAxis(const Spec &spec, int64_t axis,
                                  int64_t queryExtent, int64_t keyExtent,
                                  int64_t x, int64_t y) {
  if (const auto &part = spec.neighborhood)
    return isNeighbor(keyExtent, part->window[axis], part->stride[axis],
                      part->dilation[axis], part->causal[axis], x, y);
  if (const auto &part = spec.band) {
    if (part->axis != axis)
      return true;
    int64_t offset = y - x - (part->bottomRight ? keyExtent - queryExtent : 0);
    return (!part->lower || *part->lower <= offset) &&
           (!part->upper || offset <= *part->upper);
  }
  return std::all_of(
      spec.parts.begin(), spec.parts.end(), [&](const Spec &part) {
        return seesOnAxis(part, axis, queryExtent, keyExtent, x, y);
      });
}

bool mlir::attn::test::sees(const Case &instance, const Coordinates &query,
                            const Coordinates &key) {
  for (int64_t axis = 0; axis < instance.rank(); ++axis)
    if (!seesOnAxis(instance.spec, axis, instance.queryExtents[axis],
                    instance.keyExtents[axis], query[axis], key[axis]))
      return false;
  return true;
}

int64_t mlir::attn::test::stepOf(const Spec &spec, int64_t axis) {
  if (spec.neighborhood)
    return spec.neighborhood->dilation[axis];
  int64_t step = 1;
  for (const Spec &part : spec.parts)
    step = std::lcm(step, stepOf(part, axis));
  return step;
}

namespace {
/// Grows a random case; extents are fixed first, parts are made to fit them.
class Generator {
public:
  Generator(std::mt19937 &random) : random(random) {}

  Case make() {
    int64_t rank = pick(1, 3), longest = rank == 1 ? 40 : rank == 2 ? 16 : 9;
    Case result;
    bool equal = pick(0, 3) != 0; // else only bands fit
    for (int64_t axis = 0; axis < rank; ++axis) {
      result.queryExtents.push_back(pick(1, longest));
      result.keyExtents.push_back(equal ? result.queryExtents.back()
                                        : pick(1, longest));
    }
    result.spec = spec(result, equal, /*depth=*/pick(0, 2));
    return result;
  }

private:
  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }

  Spec spec(const Case &grid, bool equal, int64_t depth) {
    Spec result;
    if (depth > 0) {
      for (int64_t parts = pick(0, 3); parts > 0; --parts)
        result.parts.push_back(spec(grid, equal, depth - 1));
    } else if (equal && pick(0, 3) != 0) {
      result.neighborhood = neighborhood(grid);
    } else {
      result.band = band(grid);
    }
    return result;
  }

  Neighborhood neighborhood(const Case &grid) {
    Neighborhood result;
    for (int64_t extent : grid.keyExtents) {
      int64_t dilation = pick(1, std::min<int64_t>(extent, 6));
      int64_t window = pick(1, extent / dilation);
      result.dilation.push_back(dilation);
      result.window.push_back(window);
      result.stride.push_back(pick(1, window));
      result.causal.push_back(pick(0, 1));
    }
    return result;
  }

  Band band(const Case &grid) {
    Band result;
    result.axis = pick(0, grid.rank() - 1);
    int64_t reach = grid.keyExtents[result.axis] + 2;
    int64_t one = pick(-reach, reach), other = pick(-reach, reach);
    if (pick(0, 2) != 0)
      result.lower = std::min(one, other);
    if (pick(0, 2) != 0)
      result.upper = std::max(one, other);
    result.bottomRight = pick(0, 1);
    return result;
  }

  std::mt19937 &random;
};
} // namespace

Case mlir::attn::test::randomCase(std::mt19937 &random) {
  return Generator(random).make();
}

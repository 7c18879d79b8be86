//===- CallNames.h - Device calls whose names carry a shape ---------------===//
//
// Three families of device calls (attn/Codegen/DeviceCalls.h) differ only in
// sizes that stand in their names. This is the one place that writes and reads
// such names and that knows the signatures behind them. Depends on nothing
// that needs linking.
//
// A signature is the result, ':' and the operands, a letter each: v void, i
// i32, c constant i32, l i64, f f32, s shared pointer, g global pointer, m
// generic pointer. A struct result stands in braces: "{ff}:sc".
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_CODEGEN_CALLNAMES_H
#define ATTN_CODEGEN_CALLNAMES_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace attn {

namespace detail {
/// Reads the whole of `text` as a number without leading zeros.
inline bool readNumber(llvm::StringRef text, unsigned &value) {
  return !text.getAsInteger(10, value) && text == std::to_string(value);
}
} // namespace detail

/// wgmma_n{columns}_k{steps}_{bf16,f16}_{ss,rs}_{k,mn}: D[64][columns] +=
/// A[64][16 steps] B[16 steps][columns], issued and committed as one group.
struct WgmmaCall {
  unsigned columns = 8;      ///< a multiple of 8 from 8 to 256
  unsigned steps = 1;        ///< instructions of depth 16, from 1 to 16
  bool bf16 = true;          ///< otherwise f16
  bool aInRegisters = false; ///< "rs"; otherwise A is in shared memory, "ss"
  bool bAlongColumns =
      false; ///< "mn": B's columns are contiguous; "k": its depth

  /// Accumulators of one thread.
  unsigned accumulators() const { return columns / 2; }

  std::string name() const {
    return "wgmma_n" + std::to_string(columns) + "_k" + std::to_string(steps) +
           (bf16 ? "_bf16" : "_f16") + (aInRegisters ? "_rs" : "_ss") +
           (bAlongColumns ? "_mn" : "_k");
  }
  /// ({f32 accumulators}) of (accumulators, scale, then A and B of each step).
  std::string signature() const {
    std::string sums(accumulators(), 'f');
    std::string text = "{" + sums + "}:" + sums + "c";
    for (unsigned i = 0; i < steps; ++i)
      text += aInRegisters ? "iiiil" : "ll";
    return text;
  }
  static std::optional<WgmmaCall> parse(llvm::StringRef name) {
    WgmmaCall call;
    auto [head, rest] = name.split("_k");
    auto [steps, kinds] = rest.split('_');
    call.bf16 = kinds.starts_with("bf16_");
    call.aInRegisters = kinds.contains("_rs");
    call.bAlongColumns = kinds.ends_with("_mn");
    if (!head.consume_front("wgmma_n") ||
        !detail::readNumber(head, call.columns) ||
        !detail::readNumber(steps, call.steps) || call.name() != name ||
        call.columns % 8 || call.columns < 8 || call.columns > 256 ||
        call.steps < 1 || call.steps > 16)
      return std::nullopt;
    return call;
  }
};

/// wgmma_wait_f{floats}_i{words}: waits, and passes these values through.
struct WgmmaWaitCall {
  unsigned floats = 0, words = 0; ///< at most 256 each: a thread has 255

  std::string name() const {
    return "wgmma_wait_f" + std::to_string(floats) + "_i" +
           std::to_string(words);
  }
  /// ({values}) of (pending groups, values); void without values.
  std::string signature() const {
    std::string values = std::string(floats, 'f') + std::string(words, 'i');
    return (values.empty() ? "v" : "{" + values + "}") + ":c" + values;
  }
  static std::optional<WgmmaWaitCall> parse(llvm::StringRef name) {
    WgmmaWaitCall call;
    auto [head, words] = name.split("_i");
    if (!head.consume_front("wgmma_wait_f") ||
        !detail::readNumber(head, call.floats) ||
        !detail::readNumber(words, call.words) || call.floats > 256 ||
        call.words > 256)
      return std::nullopt;
    return call;
  }
};

/// tma_load_{rank}d and tma_store_{rank}d: one box of a tensor.
struct TensorCopyCall {
  unsigned rank = 1; ///< from 1 to 5
  bool store = false;

  std::string name() const {
    return (store ? "tma_store_" : "tma_load_") + std::to_string(rank) + "d";
  }
  /// A load: (shared, map, mbarrier, coordinates); a store: (map, shared,
  /// coordinates).
  std::string signature() const {
    return (store ? "v:ms" : "v:sms") + std::string(rank, 'i');
  }
  static std::optional<TensorCopyCall> parse(llvm::StringRef name) {
    for (bool store : {false, true})
      for (unsigned rank = 1; rank <= 5; ++rank)
        if (TensorCopyCall call{rank, store}; call.name() == name)
          return call;
    return std::nullopt;
  }
};

} // namespace attn

#endif // ATTN_CODEGEN_CALLNAMES_H

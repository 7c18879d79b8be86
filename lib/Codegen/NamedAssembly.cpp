//===- NamedAssembly.cpp - PTX of the device calls named by a shape -------===//
//
// Sources: PTX ISA, "Asynchronous Warpgroup Level Matrix Instructions" and
// "cp.async.bulk.tensor". Accumulators are tied, an output to its input: ptxas
// serializes matrix instructions whose registers are moved in between.
//
//===----------------------------------------------------------------------===//
#include "NamedAssembly.h"
#include "attn/Codegen/CallNames.h"

using namespace llvm;
using attn::AssemblyCall;
using attn::Effect;

/// The register class of a signature's letter.
static const char *constraintOf(char letter) {
  switch (letter) {
  case 'f':
    return "f";
  case 'l':
  case 'g':
  case 'm':
    return "l";
  case 'c':
    return "n";
  default:
    return "r";
  }
}

/// The results, then the operands, of which those from `firstTied` on stand in
/// the registers of the results.
static std::string constraintsOf(StringRef signature, size_t firstTied) {
  auto [result, operands] = signature.split(':');
  StringRef outputs = result == "v" ? "" : result.trim("{}");
  std::string text;
  for (char letter : outputs)
    text += std::string("=") + constraintOf(letter) + ",";
  for (size_t i = 0; i < operands.size(); ++i) {
    bool tied = i >= firstTied && i - firstTied < outputs.size();
    text += (tied ? std::to_string(i - firstTied) : constraintOf(operands[i]));
    text += ",";
  }
  return text + "~{memory}";
}

/// "$first, $first+1, ...", `count` of them.
static std::string operands(size_t first, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(first + i);
  return text;
}

static AssemblyCall multiply(const attn::WgmmaCall &call) {
  size_t sums = call.accumulators(), next = 2 * sums;
  std::string type = call.bf16 ? "bf16" : "f16";
  std::string head = "wgmma.mma_async.sync.aligned.m64n" +
                     std::to_string(call.columns) + "k16.f32." + type + "." +
                     type + " {" + operands(0, sums) + "}, ";
  // Signs of A and B, then which of those in shared memory are MN-major.
  std::string tail = call.aInRegisters ? ", 1, 1, " : ", 1, 1, 0, ";
  tail += call.bAlongColumns ? "1; " : "0; ";
  std::string text = "{ .reg .pred scale, one; setp.ne.b32 scale, ";
  text += operands(next++, 1);
  text += ", 0; setp.eq.b32 one, 0, 0; wgmma.fence.sync.aligned; ";
  for (unsigned step = 0; step < call.steps; ++step) {
    size_t words = call.aInRegisters ? 4 : 1;
    std::string a = operands(next, words);
    text += head;
    text += call.aInRegisters ? "{" + a + "}, " : a + ", ";
    text += operands(next + words, 1);
    text += step ? ", one" : ", scale";
    text += tail;
    next += words + 1;
  }
  return {text + "wgmma.commit_group.sync.aligned; }",
          constraintsOf(call.signature(), 0), Effect::Convergent};
}

static AssemblyCall wait(const attn::WgmmaWaitCall &call) {
  return {"wgmma.wait_group.sync.aligned " +
              operands(call.floats + call.words, 1) + ";",
          constraintsOf(call.signature(), 1), Effect::Convergent};
}

static AssemblyCall copy(const attn::TensorCopyCall &call) {
  std::string name = "cp.async.bulk.tensor." + std::to_string(call.rank) + "d.";
  std::string text =
      call.store ? name + "global.shared::cta.tile.bulk_group [$0, {" +
                       operands(2, call.rank) + "}], [$1];"
                 : name +
                       "shared::cluster.global.tile.mbarrier::complete_tx::"
                       "bytes [$0], [$1, {" +
                       operands(3, call.rank) + "}], [$2];";
  return {text, constraintsOf(call.signature(), StringRef::npos),
          Effect::Memory};
}

std::optional<AssemblyCall> attn::namedAssembly(StringRef name) {
  if (auto call = WgmmaCall::parse(name))
    return multiply(*call);
  if (auto call = WgmmaWaitCall::parse(name))
    return wait(*call);
  if (auto call = TensorCopyCall::parse(name))
    return copy(*call);
  return std::nullopt;
}

//===- CpuIsa.cpp - Add a vector instruction set here ---------------------===//
//
// Sources. Features of the levels: x86-64 psABI, section 3.1.1, table 3.1.
// Blocks: the accumulators, one vector of the right side for each of their
// columns, and one for the left side's broadcast, fit the registers (32 with
// AVX-512, else 16), and there are at least as many accumulators as fused
// multiply-adds in flight (latency 4 cycles, 2 a cycle: 8).
//
//===----------------------------------------------------------------------===//
#include "attn/Target/CpuIsa.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/TargetParser/Host.h"

using namespace attn;

static constexpr CpuIsa kIsas[] = {
    {.name = "avx512",
     .leastCpu = "x86-64-v4",
     .needs = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,f16c,fma",
     .lanes = 16,
     .blockRows = 8,
     .blockVectors = 3,
     .hasFma = true,
     .hasF16 = true},
    {.name = "avx2",
     .leastCpu = "x86-64-v3",
     .needs = "avx2,bmi2,f16c,fma",
     .lanes = 8,
     .blockRows = 6,
     .blockVectors = 2,
     .hasFma = true,
     .hasF16 = true},
    {.name = "plain",
     .leastCpu = "x86-64",
     .needs = "",
     .lanes = 4,
     .blockRows = 6,
     .blockVectors = 2,
     .hasFma = false,
     .hasF16 = false},
};

llvm::ArrayRef<CpuIsa> attn::allCpuIsas() { return kIsas; }

bool attn::runsHere(const CpuIsa &isa) {
  static const auto features = llvm::sys::getHostCPUFeatures();
  llvm::SmallVector<llvm::StringRef> needed;
  isa.needs.split(needed, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  return llvm::all_of(
      needed, [](llvm::StringRef name) { return features.lookup(name); });
}

const CpuIsa *attn::findCpuIsa(llvm::StringRef name) {
  for (const CpuIsa &isa : kIsas)
    if (name == kNativeCpu ? runsHere(isa) : isa.name == name)
      return &isa;
  return nullptr;
}

std::string attn::cpuNames() {
  std::string names = kNativeCpu.str();
  for (const CpuIsa &isa : kIsas)
    names += ", " + isa.name.str();
  return names;
}

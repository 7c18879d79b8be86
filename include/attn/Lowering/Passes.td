//===- Passes.td - From fmha to instructions -----------------*- tablegen -*-===//
//
// One conversion a family. Each is total: no fmha op survives.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LOWERING_PASSES_TD
#define ATTN_LOWERING_PASSES_TD

include "mlir/Pass/PassBase.td"

class Lowering_Pass<string flag> : Pass<flag, "::mlir::ModuleOp"> {
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def ConvertFmhaToCpu : Lowering_Pass<"convert-fmha-to-cpu"> {
  let summary = "tile programs as loops over scratch buffers";
  let description = [{
    Needs: `fmha-lower-boxes` on logical programs. Gives: for each program an
    `llvm.func @name(params, first, last, scratch)` that runs the tiles [first,
    last) (attn/Runtime/Kernel.h) and carries `attn.scratch_bytes`; functions
    that only launch programs are erased. Bits: unchanged but for exp2, a
    polynomial with a relative error below 1e-7, and log2, a series within 3e-7 of
    max(1, |log2 x|); and a 0 of a contraction's left side hides what it meets, so
    that NaN and Inf in values of hidden keys go nowhere.

    A tile is a buffer of f32 rows, padded to whole vectors; a contraction is a
    register-blocked micro-kernel. `vector` says how wide vectors are, how large
    the block is and whether there is a fused multiply-add: 16 lanes and 8 x 3
    vectors for avx512, 8 lanes and 6 x 2 for avx2, 4 lanes and 6 x 2 for plain,
    which is x86-64's SSE2; native stands for what this machine has.

    A map whose one user reads each element once is computed by that user, and the
    reductions of a map's result in its own loop: no pass over the tile of their
    own.

    Before: `%s = fmha.contract %q, %k transposed : ...`
    After:  a nest of `scf.for` around `math.fma`
    Example: `attn-opt --convert-fmha-to-cpu=vector=avx2`
  }];
  let options = [
    Option<"vector", "vector", "std::string", "\"avx512\"",
           "avx512, avx2, plain, or native">
  ];
}

def ConvertFmhaToMmaSync : Lowering_Pass<"convert-fmha-to-mma-sync"> {
  let summary = "scheduled tile programs as mma.sync kernels";
  let description = [{
    Needs: the scheduled form. Gives: for each program an `llvm.func @name` that
    is a kernel and takes the parameters of attn/Runtime/Kernel.h one by one;
    machine operations are calls to `attn.rt.*` (attn/Codegen/DeviceCalls.h).
    Functions that only launch programs are erased. Bits: unchanged but for
    exp2, log2 and the reciprocal, which are the machine's approximations.

    A tile in registers is a number of scalars a thread: an LLVM vector would
    cost the uniform branch around masks, since the optimizer turns it into
    selects.

    Before: `%s = fmha.contract %q, %k transposed : ...`
    After:  `llvm.call @attn.rt.ldmatrix_x4`, `llvm.call @attn.rt.mma_16816_bf16`
  }];
}

def ConvertFmhaToWgmma : Lowering_Pass<"convert-fmha-to-wgmma"> {
  let summary = "scheduled tile programs as warp-specialized wgmma kernels";
  let description = [{
    Needs: the scheduled form of programs with `warpgroups`; others stay. Gives: for
    each an `llvm.func @name` as convert-fmha-to-mma-sync does, which takes after the
    other parameters a counter of tiles and a tensor map of query, key and value each
    (attn/Runtime/Kernel.h). Bits: as for mma.sync.

    Before: `%s = fmha.contract_async %q, %k transposed : ...`
    After:  `llvm.call @attn.rt.wgmma_n128_k8_bf16_rs_k`
  }];
}

#endif // ATTN_LOWERING_PASSES_TD

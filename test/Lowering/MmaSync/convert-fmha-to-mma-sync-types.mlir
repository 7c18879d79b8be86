// RUN: split-file %s %t
// RUN: attn-opt %t/f32.mlir --attn-to-scheduled=target=sm_80 | attn-opt --convert-fmha-to-mma-sync | FileCheck %s --check-prefix=F32 --implicit-check-not=ldmatrix_x4_trans --implicit-check-not=mma_16816
// RUN: attn-opt %t/tf32.mlir --attn-to-scheduled=target=sm_80 | attn-opt --convert-fmha-to-mma-sync | FileCheck %s --check-prefix=TF32
// RUN: attn-opt %t/odd.mlir --attn-to-scheduled=target=sm_80 | attn-opt --convert-fmha-to-mma-sync | FileCheck %s --check-prefix=ODD
// RUN: attn-opt %t/aligned.mlir --attn-to-scheduled="target=sm_80 element-aligned" | attn-opt --convert-fmha-to-mma-sync | FileCheck %s --check-prefix=ALIGNED --implicit-check-not=cp_async
// RUN: attn-opt %t/f32.mlir --attn-to-scheduled="target=sm_80 element-aligned" | attn-opt --convert-fmha-to-mma-sync | FileCheck %s --check-prefix=WIDE --implicit-check-not=cp_async

//--- f32.mlir
// Each number becomes two, and the small products come first; values by scalar
// loads, since ldmatrix.trans would tear them.
// F32-LABEL: llvm.func @f32_kernel(
// F32: llvm.call @attn.rt.cp_async_16
// F32: scf.for
// F32: llvm.call @attn.rt.ldmatrix_x4(
// F32: %[[X:.+]] = arith.bitcast %{{.*}} : i32 to f32
// F32: %[[HIGH:.+]] = llvm.call @attn.rt.to_tf32(%[[X]])
// F32: %[[BACK:.+]] = arith.bitcast %[[HIGH]] : i32 to f32
// F32: %[[REST:.+]] = arith.subf %[[X]], %[[BACK]]
// F32: %[[LOW:.+]] = llvm.call @attn.rt.to_tf32(%[[REST]])
// F32: llvm.call @attn.rt.mma_1688_tf32(%[[LOW]],
// F32: llvm.call @attn.rt.mma_1688_tf32(%[[HIGH]],
// F32: llvm.call @attn.rt.mma_1688_tf32(%[[HIGH]],
// F32: llvm.call @attn.rt.exp2
// F32: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// F32: llvm.call @attn.rt.mma_1688_tf32
// F32: llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
//
// WIDE-LABEL: llvm.func @f32_kernel(
// WIDE-COUNT-4: llvm.load %{{.*}} : !llvm.ptr<1> -> i32
// WIDE: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
// WIDE: llvm.store %{{.*}} : f32, !llvm.ptr<1>
!t = tensor<?x?x?x8xf32>
func.func @f32(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) {fmha.query_tile = array<i64: 16>, fmha.key_tile = array<i64: 16>} : (!t, !t, !t) -> !t
  return %o : !t
}

//--- tf32.mlir
// One product each: two instructions of scores, and two of values.
// TF32-LABEL: llvm.func @tf32_kernel(
// TF32-NOT: arith.subf %{{.*}}
// TF32: llvm.call @attn.rt.to_tf32
// TF32-COUNT-4: llvm.call @attn.rt.mma_1688_tf32
// TF32-NOT: llvm.call @attn.rt.mma
!t = tensor<?x?x?x8xf32>
!w = tensor<?x?x?x8xf32>
func.func @tf32(%q: !t, %v: !w) -> !w {
  %o = attn.attention query(%q) key(%q) value(%v) pattern(#attn.band<upper = 0>) precision(tf32) layout(heads_last) {fmha.query_tile = array<i64: 16>, fmha.key_tile = array<i64: 16>} : (!t, !t, !w) -> !w
  return %o : !w
}

//--- odd.mlir
// A depth of 24 is a whole step and a half one; three blocks of value columns.
// ODD-LABEL: llvm.func @odd_kernel(
// ODD: scf.for
// ODD-COUNT-2: llvm.call @attn.rt.mma_16816_f16
// ODD-COUNT-2: llvm.call @attn.rt.mma_1688_f16
// ODD: llvm.call @attn.rt.exp2
// ODD-COUNT-3: llvm.call @attn.rt.mma_16816_f16
// ODD-NOT: llvm.call @attn.rt.mma
!t = tensor<?x?x?x24xf16>
func.func @odd(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) {fmha.query_tile = array<i64: 16>, fmha.key_tile = array<i64: 16>} : (!t, !t, !t) -> !t
  return %o : !t
}

//--- aligned.mlir
// Eight loads of an element and one store of 16 bytes; the output by elements.
// ALIGNED-LABEL: llvm.func @aligned_kernel(
// ALIGNED: scf.if {{.*}} -> (i16, i16,
// ALIGNED-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<1> -> i16
// ALIGNED: llvm.store %{{.*}} {alignment = 16 : i64} : vector<8xi16>, !llvm.ptr<3>
// ALIGNED: llvm.call @attn.rt.barrier
// ALIGNED: llvm.call @attn.rt.pack_bf16
// ALIGNED-COUNT-2: llvm.store %{{.*}} : i16, !llvm.ptr<1>
!t = tensor<?x?x?x16xbf16>
func.func @aligned(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) {fmha.query_tile = array<i64: 16>, fmha.key_tile = array<i64: 16>} : (!t, !t, !t) -> !t
  return %o : !t
}

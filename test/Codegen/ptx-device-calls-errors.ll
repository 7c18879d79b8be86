; RUN: split-file %s %t
; RUN: not attn-emit-ptx sm_90a 128 < %t/unknown.ll 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not attn-emit-ptx sm_90a 128 < %t/columns.ll 2>&1 | FileCheck %s --check-prefix=COLUMNS
; RUN: not attn-emit-ptx sm_90a 128 < %t/operands.ll 2>&1 | FileCheck %s --check-prefix=OPERANDS
;
; Calls that do not exist, and one whose operands are not those of its name.

; UNKNOWN: expected a device call of DeviceCalls.h, but got 'attn.rt.warp_yield'
;--- unknown.ll
declare void @attn.rt.warp_yield()
define void @test() {
  call void @attn.rt.warp_yield()
  ret void
}

; COLUMNS: expected a device call of DeviceCalls.h, but got 'attn.rt.wgmma_n12_k1_bf16_ss_k'
;--- columns.ll
declare void @attn.rt.wgmma_n12_k1_bf16_ss_k()
define void @test() {
  call void @attn.rt.wgmma_n12_k1_bf16_ss_k()
  ret void
}

; OPERANDS: expected 'attn.rt.tma_load_2d' to have the signature of DeviceCalls.h, but got another one:
;--- operands.ll
declare void @attn.rt.tma_load_2d(ptr addrspace(3), ptr, ptr addrspace(3), i32)
define void @test(ptr %map) {
  call void @attn.rt.tma_load_2d(ptr addrspace(3) null, ptr %map, ptr addrspace(3) null, i32 0)
  ret void
}

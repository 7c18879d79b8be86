; REQUIRES: ptxas
; RUN: attn-emulator-test --print-pipeline | attn-emit-ptx sm_90a 384 --assemble | FileCheck %s --implicit-check-not=warning --implicit-check-not=C75
;
; A whole kernel with a producer warpgroup, the same that the emulator runs:
; ptxas keeps its matrix instructions asynchronous and spills nothing.

; CHECK: .param .align 64 .b8 test_param_0[128]
; CHECK: mbarrier.init.shared::cta.b64
; CHECK: setmaxnreg.inc.sync.aligned.u32 232
; CHECK: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
; CHECK: defect: ''

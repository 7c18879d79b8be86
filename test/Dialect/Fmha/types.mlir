// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// The examples of the descriptions.
// CHECK: @examples(!fmha.tile<64x128xbf16, #fmha.shared<pitch = 136>>, !fmha.view<bf16, rank = 2, dim = 64>, !fmha.query_tile<2>, !fmha.key_box<2>, !fmha.ring<2 of <64x128xbf16, #fmha.shared<pitch = 136>>>, !fmha.pending<<128x128xf32, #fmha.frag<accumulator, warps = 8>>>)
// CHECK-SAME: frag = #fmha.frag<accumulator, warps = 4>
// CHECK-SAME: shared = #fmha.shared<pitch = 72>, swizzled = #fmha.swizzled<bytes = 128>
func.func private @examples(
  !fmha.tile<64x128xbf16, #fmha.shared<pitch = 136>>,
  !fmha.view<bf16, rank = 2, dim = 64>,
  !fmha.query_tile<2>,
  !fmha.key_box<2>,
  !fmha.ring<2 of !fmha.tile<64x128xbf16, #fmha.shared<pitch = 136>>>,
  !fmha.pending<!fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>>
) attributes {
  frag = #fmha.frag<accumulator, warps = 4>,
  shared = #fmha.shared<pitch = 72>,
  swizzled = #fmha.swizzled<bytes = 128>
}

// A logical tile has no encoding; a row vector has one extent.
// CHECK: @tiles(!fmha.tile<1x1xf32>, !fmha.tile<65536xi32>, !fmha.tile<16xf32, #fmha.frag<row, warps = 1>>, !fmha.tile<16x32xf16, #fmha.frag<operand_a, warps = 1>>, !fmha.tile<16x8xf32, #fmha.frag<operand_a_paired, warps = 1>>, !fmha.tile<16x8xf32, #fmha.shared<pitch = 12>>)
func.func private @tiles(
  !fmha.tile<1x1xf32>,
  !fmha.tile<65536xi32>,
  !fmha.tile<16xf32, #fmha.frag<row, warps = 1>>,
  !fmha.tile<16x32xf16, #fmha.frag<operand_a, warps = 1>>,
  !fmha.tile<16x8xf32, #fmha.frag<operand_a_paired, warps = 1>>,
  !fmha.tile<16x8xf32, #fmha.shared<pitch = 12>>
)

// CHECK: @views(!fmha.view<f32, rank = 1, dim = 0>, !fmha.view<f16, rank = 3, dim = 1>)
func.func private @views(!fmha.view<f32, rank = 1, dim = 0>, !fmha.view<f16, rank = 3, dim = 1>)

// Chunks of each length, of elements of 16 and 32 bits.
// CHECK: @swizzled(!fmha.tile<8x16xbf16, #fmha.swizzled<bytes = 32>>, !fmha.tile<64x32xf16, #fmha.swizzled<bytes = 64>>, !fmha.tile<64x96xf32, #fmha.swizzled<bytes = 128>>, !fmha.ring<3 of <8x16xbf16, #fmha.swizzled<bytes = 32>>>)
func.func private @swizzled(
  !fmha.tile<8x16xbf16, #fmha.swizzled<bytes = 32>>,
  !fmha.tile<64x32xf16, #fmha.swizzled<bytes = 64>>,
  !fmha.tile<64x96xf32, #fmha.swizzled<bytes = 128>>,
  !fmha.ring<3 of !fmha.tile<8x16xbf16, #fmha.swizzled<bytes = 32>>>
)

// CHECK: @turns(!fmha.turns)
func.func private @turns(!fmha.turns)

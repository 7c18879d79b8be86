// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Waits, slots and layouts.

func.func @await_c1() {
  // expected-error@+1 {{'fmha.await' op expected 'pending' to be >= 0, but got -1}}
  fmha.await pending -1
  return
}

// -----

func.func @read_c1(%ring: !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>, %slot: i32) {
  // expected-error@+1 {{'fmha.read' op expected the result to be the ring's '!fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>', but got '!fmha.tile<64x64xbf16, #fmha.shared<pitch = 64>>'}}
  %x = fmha.read %ring[%slot] : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>> -> !fmha.tile<64x64xbf16, #fmha.shared<pitch = 64>>
  return
}

// -----

func.func @convert_layout_c1(%x: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.convert_layout' op expected shape and element type of '!fmha.tile<16x32xf32>' to stay, but got '!fmha.tile<32x16xf32>'}}
  %y = fmha.convert_layout %x : !fmha.tile<16x32xf32> -> !fmha.tile<32x16xf32>
  return
}

// -----

func.func @convert_layout_c1_type(%x: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.convert_layout' op expected shape and element type of '!fmha.tile<16x32xf32>' to stay, but got '!fmha.tile<16x32xbf16>'}}
  %y = fmha.convert_layout %x : !fmha.tile<16x32xf32> -> !fmha.tile<16x32xbf16>
  return
}

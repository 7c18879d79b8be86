// RUN: not attn-opt %s --attn-select-tiles="target=cpu split" 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-opt %s --attn-select-tiles="target=sm_80 packed-heads=4" 2>&1 | FileCheck %s --check-prefix=WHOLE
// RUN: not attn-opt %s --attn-select-tiles="target=sm_80 split packed-heads=3" 2>&1 | FileCheck %s --check-prefix=THREE
// RUN: attn-opt %s --attn-select-tiles="target=sm_80 split packed-heads=4" | FileCheck %s --check-prefix=WINDOW --implicit-check-not=packed
// RUN: attn-opt %s --attn-select-tiles="target=sm_80 split packed-heads=4" --remarks-filter=attn 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// CPU: error: 'attn.attention' op expected a GPU target for keys split into shares, but got cpu
// WHOLE: error: 'attn.attention' op expected 'packed-heads' to be 0 or, with 'split', a power of two up to 16, but got 4
// THREE: error: 'attn.attention' op expected 'packed-heads' to be 0 or, with 'split', a power of two up to 16, but got 3
//
// A window has an entry an axis; one that does not restrict does not exist.
// WINDOW: fmha.query_tile = array<i64: {{[0-9]+}}>, fmha.split
// REMARK: [Missed] PackHeads | {{.*}}query heads are not packed
!t = tensor<1x256x8x64xbf16>
func.func @f(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [7]>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

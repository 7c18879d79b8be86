// RUN: attn-opt %s --attn-select-tiles="target=sm_90a split" | FileCheck %s --check-prefix=SPLIT --implicit-check-not=packed
// RUN: attn-opt %s --attn-select-tiles="target=sm_90a split packed-heads=4" | FileCheck %s --check-prefix=PACKED
// RUN: attn-opt %s --attn-select-tiles="target=sm_90a split packed-heads=4 retry=1" | FileCheck %s --check-prefix=RETRY --implicit-check-not=packed
// RUN: attn-opt %s --attn-select-tiles="target=sm_86 split packed-heads=16" | FileCheck %s --check-prefix=SMALL
// RUN: sed s/256xf32/128xbf16/ %s | attn-opt --attn-select-tiles="target=sm_90a split packed-heads=4" | FileCheck %s --check-prefix=BF16
// RUN: sed s/256xf32/128xbf16/ %s | attn-opt --attn-select-tiles="target=sm_80 split packed-heads=4" | FileCheck %s --check-prefix=SM80
// RUN: attn-opt %s --attn-select-tiles="target=sm_90a split" --remarks-filter=attn 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Sixteen rows are four heads of four queries; stages and keys as four blocks, or
// the most, fit a multiprocessor.
!t = tensor<1x256x8x256xf32>
// SPLIT-LABEL: func.func @f
// SPLIT: {fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>, fmha.split, fmha.target = "sm_90a"}
// PACKED-LABEL: func.func @f
// PACKED: {fmha.key_tile = array<i64: 1, 16>, fmha.packed_heads = 4 : i64, fmha.query_tile = array<i64: 4, 4>, fmha.split, fmha.stages = 2 : i64, fmha.target = "sm_90a"}
// RETRY: fmha.split
// BF16: {fmha.key_tile = array<i64: 1, 32>, {{.*}}fmha.stages = 3 : i64
// SM80: {fmha.key_tile = array<i64: 1, 32>, {{.*}}fmha.stages = 2 : i64
// SMALL: {fmha.key_tile = array<i64: 1, 16>, fmha.packed_heads = 16 : i64, fmha.query_tile = array<i64: 16, 1>, fmha.split, fmha.stages = 2 : i64, fmha.target = "sm_86"}
// REMARK: SelectTiles | {{.*}}Remark=", keys split into shares"
func.func @f(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

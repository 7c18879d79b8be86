// RUN: attn-opt %s --attn-simulate="query-tile=16,8 key-tile=16,8 table=true" --remarks-filter=attn -o %t 2>&1 | FileCheck %s --check-prefix=TABLE
// RUN: attn-opt %s -o %t.before
// RUN: diff %t.before %t
//
// Two published rows; the IR stays as it was.

!t = tensor<1x256x256x2x64xf16>

// TABLE: [Analysis] Simulate | Category:attn | Function=flux_s1_kernel |
// TABLE-SAME: CoveragePercent=81.4, FixedGridMean=7.51, FixedGridWorst=6.65, FlopBound=10.24, MaskFreePercent=64.4, MetadataBytes=0,
// TABLE-SAME: WindowStartMean=8.33, WindowStartWorst=7.76
// TABLE: remark: #attn.neighborhood<window = [80, 80]>
// TABLE-NEXT: grid 256x256, query tile 16x8, key tile 16x8
// TABLE-NEXT: 512 query tiles, 512 key tiles each in dense attention
// TABLE-NEXT: FLOP-wise bound 10.24
// TABLE-NEXT: key tiles from a fixed grid window start
// TABLE-NEXT: key tiles, worst query tile 77 66
// TABLE-NEXT: key tiles, mean 68.13 61.45
// TABLE-NEXT: simulated bound, worst 6.65 7.76
// TABLE-NEXT: simulated bound, mean 7.51 8.33
// TABLE-NEXT: tiles without mask, % 49.5 64.4
// TABLE-NEXT: useful pairs, % 73.4 81.4
// TABLE-NEXT: perfectly block-sparse no no
// 512 + 1 rows and 34884 tiles, four bytes each.
// TABLE-NEXT: metadata bytes 141588 0
func.func @flux_s1(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [80, 80]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// TABLE: Simulate | Category:attn | Function=flux_s16_16_kernel |
// TABLE: simulated bound, worst 10.24 10.24
// TABLE-NEXT: simulated bound, mean 10.24 10.24
// TABLE-NEXT: tiles without mask, % 100.0 100.0
// TABLE-NEXT: useful pairs, % 100.0 100.0
// TABLE-NEXT: perfectly block-sparse yes yes
func.func @flux_s16_16(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [80, 80], stride = [16, 16]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

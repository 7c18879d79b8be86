// New queries against a longer cache of keys: both end together, so the last
// query sees every key and the one before it all but the last.
!q = tensor<?x?x8x128xbf16>
!k = tensor<?x?x8x128xbf16>
func.func @cross_attention(%q: !q, %k: !k, %v: !k) -> !q {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0, align = bottom_right>) layout(heads_last) : (!q, !k, !k) -> !q
  return %o : !q
}

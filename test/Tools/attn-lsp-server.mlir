// The server answers `initialize`, and knows the dialects: a pattern that does
// not fit is a diagnostic of the document.
// RUN: attn-lsp-server --lit-test < %s | FileCheck %s
{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"processId":1,"rootPath":"mlir","capabilities":{},"trace":"off"}}
// CHECK: "capabilities": {
// CHECK: "name": "mlir-lsp-server"
// -----
{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"test:///f.mlir","languageId":"mlir","version":1,"text":"func.func private @f() attributes {p = #attn.band<lower = 1, upper = 0>}"}}}
// CHECK: "method": "textDocument/publishDiagnostics"
// CHECK: "message": "expected 'lower' {{.*}}but got
// -----
{"jsonrpc":"2.0","id":1,"method":"shutdown"}
// -----
{"jsonrpc":"2.0","method":"exit"}

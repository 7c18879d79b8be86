// Text that would overflow the parser's stack is refused, in brackets, chains of
// aliases and of operators; what only looks deep is read, and so is bytecode.
// RUN: %python -c "print('func.func private @f() attributes {a = ' + '[' * 100000 + ']' * 100000 + '}')" > %t.deep
// RUN: not attn-opt %t.deep 2>&1 | FileCheck %s --check-prefix=DEEP
// RUN: not attn-opt - < %t.deep 2>&1 | FileCheck %s --check-prefix=DEEP
// RUN: not attn-reduce %t.deep --reduction-tree="traversal-mode=0 test=%S/Inputs/has-band.sh" 2>&1 | FileCheck %s --check-prefix=DEEP
// RUN: not attn-compile %t.deep --emit=fmha 2>&1 | FileCheck %s --check-prefix=DEEP
// DEEP: expected brackets to nest at most 256 deep, but got 100001

// RUN: %python -c "print('#a1 = [1]'); [print(f'#a{i} = [#a{i - 1}]') for i in range(2, 301)]" > %t.aliases
// RUN: not attn-opt %t.aliases 2>&1 | FileCheck %s --check-prefix=ALIASES
// ALIASES: expected brackets to nest at most 256 deep, but got 300

// RUN: %python -c "print('#m = affine_map<(d0) -> (' + 'd0 + ' * 300 + 'd0)>')" > %t.operators
// RUN: not attn-opt %t.operators 2>&1 | FileCheck %s --check-prefix=OPERATORS
// OPERATORS: expected brackets to nest at most 256 deep, but got 302

// RUN: %python -c "print(open(r'%s').read().replace('BRACKETS', '[<(' * 200))" > %t.text
// RUN: attn-opt %t.text | FileCheck %s
// RUN: attn-opt - < %t.text | FileCheck %s
// RUN: attn-opt %t.text --emit-bytecode -o %t.bytecode
// RUN: attn-opt %t.bytecode | FileCheck %s
// CHECK: func.func private @once
// BRACKETS
func.func private @once() attributes {a = "BRACKETS", b = [-1, -2, -3]}

// Chunks are counted one by one.
// RUN: %python -c "print(('[' * 200 + '\n// ' + '-' * 5 + '\n') * 3 + 'func.func private @last()')" > %t.chunks
// RUN: not attn-opt %t.chunks --split-input-file 2>&1 | FileCheck %s --check-prefix=CHUNKS
// CHUNKS-NOT: nest at most
// CHUNKS: func.func private @last

// The number of a result, for which MLIR's parser would take gigabytes.
// RUN: echo 'func.func @f(%%x: i1) { return %%x#1073741823 : i1 }' > %t.result
// RUN: not attn-opt %t.result 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: expected numbers of results to be at most 65536, but got 1073741823

# attn_add_library(name sources... [LINK libraries...] [DEPENDS targets...]
#                  [PLAIN] [EXCEPTIONS])
#
# One library a folder, its dependencies written out. Libraries share one
# precompiled header, since nine tenths of a build is parsing MLIR's headers.
# PLAIN: no LLVM or MLIR at all (the runtime). EXCEPTIONS: built with them, and
# therefore without the shared header.
set(ATTN_WARNINGS -Wall -Wextra -Wno-unused-parameter)

add_library(attn_headers INTERFACE)
target_include_directories(attn_headers INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)

file(WRITE ${PROJECT_BINARY_DIR}/pch/pch.cpp "// carries the precompiled header\n")
add_library(attn_pch OBJECT ${PROJECT_BINARY_DIR}/pch/pch.cpp)
target_link_libraries(attn_pch PRIVATE attn_headers attn_mlir)
target_compile_options(attn_pch PRIVATE -fno-exceptions ${ATTN_WARNINGS})
set_target_properties(attn_pch PROPERTIES PCH_INSTANTIATE_TEMPLATES ON)
target_precompile_headers(attn_pch PRIVATE
  <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/LLVMIR/LLVMDialect.h> <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/SCF/IR/SCF.h> <mlir/Dialect/Vector/IR/VectorOps.h>
  <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h> <mlir/Pass/PassManager.h>
  <mlir/Transforms/DialectConversion.h>)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(attn_pch PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endif()

function(attn_use_mlir name)
  target_link_libraries(${name} PRIVATE attn_mlir)
  target_compile_options(${name} PRIVATE -fno-exceptions)
  target_precompile_headers(${name} REUSE_FROM attn_pch)
  set_target_properties(${name} PROPERTIES PCH_INSTANTIATE_TEMPLATES ON)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

function(attn_add_library name)
  cmake_parse_arguments(ARG "PLAIN;EXCEPTIONS" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE ${ATTN_WARNINGS})
  target_link_libraries(${name} PUBLIC attn_headers ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(ARG_EXCEPTIONS)
    target_link_libraries(${name} PRIVATE attn_mlir)
  elseif(NOT ARG_PLAIN)
    attn_use_mlir(${name})
  endif()
endfunction()

function(attn_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE ${ATTN_WARNINGS})
  target_link_libraries(${name} PRIVATE attn_headers ${ARG_LINK})
  attn_use_mlir(${name})
  # -fPIC as the libraries have it, not -fPIE: the precompiled header is shared.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  if(ATTN_STATIC)
    target_link_options(${name} PRIVATE -Wl,--gc-sections -Wl,--icf=all)
    set_target_properties(${name} PROPERTIES
      BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/../python/attn")
  endif()
endfunction()

# The one place that says how LLVM and MLIR are linked: target attn_mlir.
#
# dylib (default): libMLIR.so and libLLVM.so, for quick development links.
# static: Debian's archives name libLLVM.so in their link interface, so that a
# careless static link gets LLVM twice; the loop below replaces it by archives.
add_library(attn_mlir INTERFACE)
target_include_directories(attn_mlir SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(ATTN_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(attn_mlir INTERFACE ${ATTN_LLVM_DEFINITIONS})

if(NOT ATTN_STATIC)
  target_link_libraries(attn_mlir INTERFACE MLIR LLVM)
  return()
endif()

set(LLVM_LINK_LLVM_DYLIB OFF)
llvm_map_components_to_libnames(ATTN_LLVM_ARCHIVES
  core support nvptxcodegen nvptxdesc nvptxinfo x86codegen x86desc x86info x86asmparser
  orcjit jitlink passes target ipo linker irreader bitreader bitwriter
  supportlsp)
get_property(ATTN_MLIR_ARCHIVES GLOBAL PROPERTY MLIR_ALL_LIBS)
foreach(archive IN LISTS ATTN_MLIR_ARCHIVES)
  if(TARGET ${archive})
    get_target_property(interface ${archive} INTERFACE_LINK_LIBRARIES)
    if(interface)
      list(REMOVE_ITEM interface LLVM MLIR)
      list(APPEND interface ${ATTN_LLVM_ARCHIVES})
      set_target_properties(${archive} PROPERTIES INTERFACE_LINK_LIBRARIES "${interface}")
    endif()
  endif()
endforeach()
# LLVMSupport lists z3 (clang's analyzer only) and the shared zstd and zlib.
get_target_property(interface LLVMSupport INTERFACE_LINK_LIBRARIES)
list(FILTER interface EXCLUDE REGEX "z3")
list(TRANSFORM interface REPLACE "^zstd::libzstd_shared$" "libzstd.a")
list(TRANSFORM interface REPLACE "^ZLIB::ZLIB$" "libz.a")
set_target_properties(LLVMSupport PROPERTIES INTERFACE_LINK_LIBRARIES "${interface}")
target_link_libraries(attn_mlir INTERFACE
  MLIRArithDialect MLIRArithToLLVM MLIRArithTransforms MLIRBuiltinToLLVMIRTranslation
  MLIRControlFlowDialect MLIRControlFlowToLLVM MLIRFuncDialect MLIRFuncToLLVM MLIRLLVMDialect
  MLIRLLVMToLLVMIRTranslation MLIRMathDialect MLIRMathToLLVM MLIROptLib MLIRParser MLIRPass
  MLIRReconcileUnrealizedCasts MLIRSCFDialect MLIRSCFToControlFlow MLIRSCFTransforms
  MLIRTargetLLVMIRExport MLIRTransforms MLIRVectorDialect MLIRVectorToLLVM
  MLIRVectorToLLVMPass MLIRVectorTransforms)

# Configuration of the lit tests.
#
# RUN lines name tools without a path: attn-opt and attn-compile are those of
# this build, FileCheck and its kin those of the LLVM that the build uses.
import os

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "attn"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".ll", ".mlir"]
# Inputs are read by other tests; the others are not lit's.
config.excludes = ["Inputs", "Compiler", "Emulate", "Fuzz", "Numerics", "Python", "Runtime"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.attn_test_dir

# A variable without $ is forgotten at the next CHECK-LABEL.
llvm_config.with_environment("FILECHECK_OPTS", "--enable-var-scope --dump-input-filter=error")
llvm_config.use_default_substitutions()
llvm_config.add_tool_substitutions(
    ["attn-emit-ptx", "attn-emulator-test", "attn-opt",
     ToolSubst("attn-compile", unresolved="ignore"), "split-file", "llvm-nm"],
    [config.attn_tools_dir, config.llvm_tools_dir],
)
if config.ptxas and os.path.exists(config.ptxas):
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", config.ptxas))

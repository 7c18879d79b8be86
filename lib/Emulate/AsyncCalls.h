//===- AsyncCalls.h - The device calls of asynchronous units --------------===//
//
// The rows of the table of device calls (HostCalls.h) for mbarriers, tensor
// copies, warpgroup products and what goes with them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_ASYNCCALLS_H
#define ATTN_LIB_EMULATE_ASYNCCALLS_H

#include "HostCalls.h"

namespace attn::emulate {

/// The row of `name` (without its prefix), or none.
std::optional<DeviceCall> findAsyncCall(llvm::StringRef name);

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_ASYNCCALLS_H

//===- Check.h - Checks that are counted ----------------------------------===//
//
// For a test of one file: what passed, what failed, and why.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_COMPILER_CHECK_H
#define ATTN_TEST_COMPILER_CHECK_H

#include <cstdio>
#include <string>

static int passed = 0, failed = 0;

static void check(bool ok, const std::string &name, const std::string &why) {
  ++(ok ? passed : failed);
  if (ok)
    std::printf("ok %s\n", name.c_str());
  else
    std::printf("FAILED %s: %s\n", name.c_str(), why.c_str());
}

/// Prints the counts; what main returns.
static int summarize() {
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}

#endif // ATTN_TEST_COMPILER_CHECK_H

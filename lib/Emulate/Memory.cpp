//===- Memory.cpp - The memory that an emulated kernel may touch ----------===//
//
// Bounds and alignment of every access of an emulated kernel. Shared memory is
// one mapping for the emulator's life; only its first `sharedBytes` are legal.
//
//===----------------------------------------------------------------------===//
#include "Memory.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <sys/mman.h>

namespace attn::emulate {

static uintptr_t toInteger(const void *address) {
  return reinterpret_cast<uintptr_t>(address);
}

static bool writes(Access access) {
  return access == Access::Store || access == Access::CopyDestination ||
         access == Access::TensorStoreDestination;
}

static const char *nameOf(Access access) {
  switch (access) {
  case Access::Load:
    return "load";
  case Access::Store:
    return "store";
  case Access::CopySource:
    return "cp_async_16 source";
  case Access::CopyDestination:
    return "cp_async_16 destination";
  case Access::LdMatrixRow:
    return "ldmatrix row";
  case Access::StMatrixRow:
    return "stmatrix row";
  case Access::Mbarrier:
    return "mbarrier";
  case Access::TensorMap:
    return "tensor map";
  case Access::TensorLoadSource:
    return "tma_load source";
  case Access::TensorLoadDestination:
    return "tma_load destination";
  case Access::TensorStoreSource:
    return "tma_store source";
  case Access::TensorStoreDestination:
    return "tma_store destination";
  case Access::WgmmaOperand:
    return "wgmma operand";
  }
  return "access";
}

static const char *nameOf(Space space) {
  switch (space) {
  case Space::Generic:
    return "generic";
  case Space::Global:
    return "global";
  case Space::Shared:
    return "shared";
  }
  return "unknown";
}

Memory::Memory() {
  // Twice the capacity holds an aligned window wherever the system puts it.
  mapping =
      mmap(nullptr, 2 * kSharedCapacity, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) {
    mapping = nullptr;
    return;
  }
  uintptr_t mask = static_cast<uintptr_t>(kSharedCapacity) - 1;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  shared = reinterpret_cast<char *>((toInteger(mapping) + mask) & ~mask);
}

Memory::~Memory() {
  if (mapping)
    munmap(mapping, 2 * kSharedCapacity);
}

void Memory::setUp(const std::vector<MemoryRegion> &launchRegions,
                   int64_t launchSharedBytes) {
  sharedBytes = launchSharedBytes;
  lastRegion = 0;
  regions.clear();
  for (const MemoryRegion &region : launchRegions) {
    uintptr_t begin = toInteger(region.begin);
    regions.push_back(
        {begin, begin + region.bytes, region.writable, region.name});
  }
  std::sort(regions.begin(), regions.end(),
            [](const Region &a, const Region &b) { return a.begin < b.begin; });
}

void Memory::poisonShared() { std::memset(shared, 0xff, sharedBytes); }

bool Memory::insideShared(uintptr_t address, uint64_t bytes) const {
  uintptr_t offset = address - toInteger(shared);
  uint64_t size = static_cast<uint64_t>(sharedBytes);
  return offset <= size && bytes <= size - offset;
}

bool Memory::insideRegion(uintptr_t begin, uintptr_t end, bool write) {
  auto allows = [&](const Region &region) {
    return region.begin <= begin && begin <= end && end <= region.end &&
           (region.writable || !write);
  };
  if (lastRegion < regions.size() && allows(regions[lastRegion]))
    return true;
  for (size_t i = 0; i < regions.size(); ++i) {
    if (!allows(regions[i]))
      continue;
    lastRegion = i;
    return true;
  }
  return false;
}

bool Memory::allows(Space space, Access access, const void *pointer,
                    uint64_t bytes, uint64_t align) {
  uintptr_t address = toInteger(pointer);
  if (address & (align - 1))
    return false;
  if (space != Space::Global && insideShared(address, bytes))
    return true;
  if (space == Space::Shared)
    return false;
  return insideRegion(address, address + bytes, writes(access));
}

std::string Memory::locateShared(uintptr_t address) const {
  int64_t offset = static_cast<int64_t>(address - toInteger(shared));
  return "byte offset " + std::to_string(offset) + " of " +
         std::to_string(sharedBytes) + " bytes of shared memory";
}

std::string Memory::locate(uintptr_t address) const {
  if (regions.empty())
    return "an address in a launch without memory regions";
  auto distance = [&](const Region &region) -> uint64_t {
    if (address < region.begin)
      return region.begin - address;
    return address < region.end ? 0 : address - region.end + 1;
  };
  const Region &nearest =
      *llvm::min_element(regions, [&](const Region &a, const Region &b) {
        return distance(a) < distance(b);
      });
  std::string place = "'" + nearest.name + "' of " +
                      std::to_string(nearest.end - nearest.begin) + " bytes";
  if (nearest.begin <= address && address < nearest.end)
    return "byte offset " + std::to_string(address - nearest.begin) + " of " +
           place;
  if (address < nearest.begin)
    return std::to_string(nearest.begin - address) +
           " bytes before the start of " + place;
  return std::to_string(address - nearest.end) + " bytes past the end of " +
         place;
}

std::string Memory::explain(Space space, Access access, const void *pointer,
                            uint64_t bytes, uint64_t align) const {
  uintptr_t address = toInteger(pointer);
  bool isShared =
      space == Space::Shared ||
      (space == Space::Generic &&
       address - toInteger(shared) < static_cast<uint64_t>(kSharedCapacity));
  std::string text = "expected the " + std::to_string(bytes) + "-byte " +
                     nameOf(space) + " " + nameOf(access) + " to ";
  std::string place = isShared ? locateShared(address) : locate(address);
  if (address & (align - 1))
    return text + "be aligned to " + std::to_string(align) +
           " bytes, but got an address that is " +
           std::to_string(address & (align - 1)) + " modulo " +
           std::to_string(align) + ", at " + place;
  if (isShared)
    return text + "lie inside shared memory, but got " + place;
  bool inside = llvm::any_of(regions, [&](const Region &region) {
    return region.begin <= address && address + bytes <= region.end;
  });
  if (inside)
    return text + "go to a writable region, but got " + place +
           ", which is read-only";
  return text + "lie inside a memory region, but got " + place;
}

} // namespace attn::emulate

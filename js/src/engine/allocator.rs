//! The memory of a vat, counted.

use std::sync::Arc;

use rquickjs::allocator::{Allocator, RustAllocator};

use super::meter::Meter;

/// The bytes that an allocation takes besides its own.
const HEADER: usize = 16;

/// Counts what the engine has, and refuses what goes over the limit.
pub(super) struct Counting(pub(super) Arc<Meter>);

impl Counting {
    fn take(&self, size: usize) -> bool {
        size < isize::MAX as usize - 64 && self.0.take(size.next_multiple_of(8) + HEADER)
    }
}

// SAFETY: all memory is that of `RustAllocator`, to which each call goes with the arguments as they
// are, or null, which says that there is none. All that is passed back came from it, since no
// other allocator serves this runtime.
#[allow(unsafe_code)]
unsafe impl Allocator for Counting {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        if !self.take(size) {
            return std::ptr::null_mut();
        }
        RustAllocator.alloc(size)
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        match count.checked_mul(size) {
            Some(all) if all > 0 && self.take(all) => RustAllocator.calloc(count, size),
            _ => std::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&mut self, ptr: *mut u8) {
        // SAFETY: the caller's contract is the same.
        unsafe {
            self.0.give_back(RustAllocator::usable_size(ptr) + HEADER);
            RustAllocator.dealloc(ptr);
        }
    }

    unsafe fn realloc(&mut self, ptr: *mut u8, new_size: usize) -> *mut u8 {
        if !self.take(new_size) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's contract is the same; the size was checked.
        unsafe {
            let old = RustAllocator::usable_size(ptr);
            let moved = RustAllocator.realloc(ptr, new_size);
            let gone = if moved.is_null() { new_size.next_multiple_of(8) } else { old };
            self.0.give_back(gone + HEADER);
            moved
        }
    }

    unsafe fn usable_size(ptr: *mut u8) -> usize {
        // SAFETY: the caller's contract is the same.
        unsafe { RustAllocator::usable_size(ptr) }
    }
}

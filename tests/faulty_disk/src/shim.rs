//! SQLite's file system calls, passed on to the operating system's own unless the disk says otherwise.
//!
//! Every function here is called by SQLite alone, with the arguments that its interface promises:
//! a `sqlite3_vfs` that [`install`] registered, and files that [`open`] has opened.

#![allow(unsafe_code, reason = "SQLite's interface for file systems is one of C pointers")]

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Once};

use rusqlite::ffi;

use crate::disk::{Call, Fault, Folder, folder_of};
use crate::tape::Step;

/// A file as SQLite sees it. The operating system's file follows it in the same allocation.
#[repr(C, align(16))]
struct File {
    head: ffi::sqlite3_file,
    /// Where it lies, if its folder is watched.
    place: Option<(Arc<Folder>, String)>,
}

/// How far behind a [`File`] the operating system's file begins; a multiple of its alignment.
const REAL: usize = size_of::<File>();

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // 2: shared memory, but no memory mapping.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Registers the shim as SQLite's default file system, once in a process.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: without a name it returns the default file system, which lives as long as the process.
        let real = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!real.is_null(), "SQLite has a file system");
        // SAFETY: `real` points to a valid sqlite3_vfs, whose fields are plain numbers and pointers.
        let mut shim = unsafe { ptr::read(real) };
        shim.szOsFile += c_int::try_from(REAL).unwrap_or(c_int::MAX);
        shim.pNext = ptr::null_mut();
        shim.zName = c"faulty".as_ptr();
        shim.pAppData = real.cast();
        shim.xOpen = Some(open);
        shim.xDelete = Some(delete);
        shim.xAccess = Some(access);
        shim.xFullPathname = Some(full_pathname);
        shim.xDlOpen = None;
        shim.xDlError = None;
        shim.xDlSym = None;
        shim.xDlClose = None;
        shim.xRandomness = Some(randomness);
        shim.xSleep = Some(sleep);
        shim.xCurrentTime = Some(current_time);
        shim.xGetLastError = Some(get_last_error);
        shim.xCurrentTimeInt64 = Some(current_time_int64);
        // 2: the system calls behind it cannot be replaced through the shim.
        shim.iVersion = 2;
        let shim = Box::leak(Box::new(shim));
        // SAFETY: the structure is complete, leaked on purpose, and so valid for the rest of the process.
        let registered = unsafe { ffi::sqlite3_vfs_register(shim, 1) };
        assert_eq!(registered, ffi::SQLITE_OK, "SQLite takes the shim");
    });
}

/// The operating system's file system behind the shim.
///
/// # Safety
/// `vfs` is the one that [`install`] registered.
unsafe fn real_vfs(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    // SAFETY: the caller's promise; `pAppData` was set to the real one.
    unsafe { (*vfs).pAppData.cast() }
}

/// The operating system's file behind `file`, and its methods.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
unsafe fn real(file: *mut ffi::sqlite3_file) -> (*mut ffi::sqlite3_file, &'static ffi::sqlite3_io_methods) {
    // SAFETY: SQLite allocated `szOsFile` bytes, which hold both; the methods are statics of SQLite.
    unsafe {
        let real: *mut ffi::sqlite3_file = file.cast::<u8>().add(REAL).cast();
        (real, &*(*real).pMethods)
    }
}

/// Where `file` lies, if its folder is watched.
///
/// # Safety
/// As for [`real`]; the result is not kept beyond the call in progress.
unsafe fn place<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a (Arc<Folder>, String)> {
    // SAFETY: `open` wrote a whole `File` there, and SQLite does not close a file during a call on it.
    unsafe { (*file.cast::<File>()).place.as_ref() }
}

/// What is wrong with a call on `file`.
///
/// # Safety
/// As for [`real`].
unsafe fn fault(file: *mut ffi::sqlite3_file, call: Call) -> Option<Fault> {
    // SAFETY: the caller's promise.
    unsafe { place(file) }.and_then(|(folder, _)| folder.meet(call))
}

/// The path that SQLite gave, if it gave one.
///
/// # Safety
/// `name` is null or a C string that outlives the result.
unsafe fn path_of<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes the registered file system, a path or null, and room for one file.
    unsafe {
        (*file).pMethods = ptr::null();
        let path = path_of(name);
        let place = path.and_then(folder_of);
        let new = path.is_some_and(|path| !path.exists());
        if let Some((folder, _)) = &place {
            let creates = new && flags & ffi::SQLITE_OPEN_CREATE != 0;
            if folder.meet(Call::Open { creates }).is_some() {
                return ffi::SQLITE_CANTOPEN;
            }
        }
        let below = real_vfs(vfs);
        let real: *mut ffi::sqlite3_file = file.cast::<u8>().add(REAL).cast();
        ptr::write_bytes(file.cast::<u8>().add(REAL), 0, usize::try_from((*below).szOsFile).unwrap_or(0));
        let Some(open) = (*below).xOpen else { return ffi::SQLITE_CANTOPEN };
        let result = open(below, name, real, flags, out);
        if (*real).pMethods.is_null() {
            return result;
        }
        if let Some((folder, name)) = &place
            && new
        {
            folder.note(|| Step::Create(name.clone()));
        }
        ptr::write(file.cast::<File>(), File { head: ffi::sqlite3_file { pMethods: &METHODS }, place });
        result
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; what `open` wrote there is taken out and dropped here.
    unsafe {
        let (below, methods) = real(file);
        let result = methods.xClose.map_or(ffi::SQLITE_OK, |close| close(below));
        drop(ptr::read(file.cast::<File>()).place);
        (*file).pMethods = ptr::null();
        result
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite passes the registered file system and a path.
    unsafe {
        let place = path_of(name).and_then(folder_of);
        if let Some((folder, _)) = &place
            && folder.meet(Call::Delete).is_some()
        {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let below = real_vfs(vfs);
        let Some(delete) = (*below).xDelete else { return ffi::SQLITE_IOERR_DELETE };
        let result = delete(below, name, sync);
        if let (ffi::SQLITE_OK, Some((folder, name))) = (result, &place) {
            folder.note(|| Step::Delete(name.clone()));
        }
        result
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes the registered file system, a path, and where the answer goes.
    unsafe {
        if let Some((folder, _)) = path_of(name).and_then(folder_of)
            && folder.meet(Call::Access).is_some()
        {
            return ffi::SQLITE_IOERR_ACCESS;
        }
        let below = real_vfs(vfs);
        (*below).xAccess.map_or(ffi::SQLITE_IOERR_ACCESS, |access| access(below, name, flags, out))
    }
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: passed on as SQLite gave it.
    unsafe {
        let below = real_vfs(vfs);
        (*below).xFullPathname.map_or(ffi::SQLITE_CANTOPEN, |full| full(below, name, room, out))
    }
}

unsafe extern "C" fn randomness(vfs: *mut ffi::sqlite3_vfs, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: passed on as SQLite gave it.
    unsafe {
        let below = real_vfs(vfs);
        (*below).xRandomness.map_or(0, |fill| fill(below, room, out))
    }
}

unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    // SAFETY: passed on as SQLite gave it.
    unsafe {
        let below = real_vfs(vfs);
        (*below).xSleep.map_or(0, |sleep| sleep(below, microseconds))
    }
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: passed on as SQLite gave it.
    unsafe {
        let below = real_vfs(vfs);
        (*below).xCurrentTime.map_or(ffi::SQLITE_ERROR, |time| time(below, out))
    }
}

unsafe extern "C" fn current_time_int64(vfs: *mut ffi::sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: passed on as SQLite gave it.
    unsafe {
        let below = real_vfs(vfs);
        (*below).xCurrentTimeInt64.map_or(ffi::SQLITE_ERROR, |time| time(below, out))
    }
}

unsafe extern "C" fn get_last_error(vfs: *mut ffi::sqlite3_vfs, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: passed on as SQLite gave it.
    unsafe {
        let below = real_vfs(vfs);
        (*below).xGetLastError.map_or(0, |last| last(below, room, out))
    }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    out: *mut c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: an open file and room for `amount` bytes, passed on as SQLite gave them.
    unsafe {
        if fault(file, Call::Read).is_some() {
            return ffi::SQLITE_IOERR_READ;
        }
        let (below, methods) = real(file);
        methods.xRead.map_or(ffi::SQLITE_IOERR_READ, |read| read(below, out, amount, offset))
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: an open file and `amount` bytes to read; of a failing write the first half happens.
    unsafe {
        let (below, methods) = real(file);
        let Some(write) = methods.xWrite else { return ffi::SQLITE_IOERR_WRITE };
        let fault = fault(file, Call::Write);
        let amount = if fault.is_some() { amount / 2 } else { amount };
        let result = write(below, bytes, amount, offset);
        if let (ffi::SQLITE_OK, Some((folder, name))) = (result, place(file)) {
            folder.note(|| {
                let length = usize::try_from(amount).unwrap_or(0);
                let written = std::slice::from_raw_parts(bytes.cast::<u8>(), length);
                Step::Write(name.clone(), usize::try_from(offset).unwrap_or(0), written.to_vec())
            });
        }
        match fault {
            Some(Fault::Full) => ffi::SQLITE_FULL,
            Some(Fault::Io) => ffi::SQLITE_IOERR_WRITE,
            None => result,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        if fault(file, Call::Truncate).is_some() {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        let (below, methods) = real(file);
        let Some(truncate) = methods.xTruncate else { return ffi::SQLITE_IOERR_TRUNCATE };
        let result = truncate(below, size);
        if let (ffi::SQLITE_OK, Some((folder, name))) = (result, place(file)) {
            folder.note(|| Step::Truncate(name.clone(), usize::try_from(size).unwrap_or(0)));
        }
        result
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        if fault(file, Call::Sync).is_some() {
            return ffi::SQLITE_IOERR_FSYNC;
        }
        let (below, methods) = real(file);
        let Some(sync) = methods.xSync else { return ffi::SQLITE_IOERR_FSYNC };
        let result = sync(below, flags);
        if let (ffi::SQLITE_OK, Some((folder, name))) = (result, place(file)) {
            folder.note(|| Step::Sync(name.clone()));
        }
        result
    }
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        if fault(file, Call::Size).is_some() {
            return ffi::SQLITE_IOERR_FSTAT;
        }
        let (below, methods) = real(file);
        methods.xFileSize.map_or(ffi::SQLITE_IOERR_FSTAT, |size| size(below, out))
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        if fault(file, Call::Lock).is_some() {
            return ffi::SQLITE_IOERR_LOCK;
        }
        let (below, methods) = real(file);
        methods.xLock.map_or(ffi::SQLITE_IOERR_LOCK, |lock| lock(below, level))
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        let (below, methods) = real(file);
        methods.xUnlock.map_or(ffi::SQLITE_IOERR_UNLOCK, |unlock| unlock(below, level))
    }
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        if fault(file, Call::Lock).is_some() {
            return ffi::SQLITE_IOERR_CHECKRESERVEDLOCK;
        }
        let (below, methods) = real(file);
        let check = methods.xCheckReservedLock;
        check.map_or(ffi::SQLITE_IOERR_CHECKRESERVEDLOCK, |check| check(below, out))
    }
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, what: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        let (below, methods) = real(file);
        methods.xFileControl.map_or(ffi::SQLITE_NOTFOUND, |control| control(below, what, argument))
    }
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        let (below, methods) = real(file);
        methods.xSectorSize.map_or(512, |size| size(below))
    }
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        let (below, methods) = real(file);
        methods.xDeviceCharacteristics.map_or(0, |characteristics| characteristics(below))
    }
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extends: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        if fault(file, Call::SharedMap { extends: extends != 0 }).is_some() {
            *out = ptr::null_mut();
            return ffi::SQLITE_IOERR_SHMMAP;
        }
        let (below, methods) = real(file);
        methods.xShmMap.map_or(ffi::SQLITE_IOERR_SHMMAP, |map| map(below, region, size, extends, out))
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it. Letting go of a lock does not fail.
    unsafe {
        if flags & ffi::SQLITE_SHM_LOCK != 0 && fault(file, Call::SharedLock).is_some() {
            return ffi::SQLITE_IOERR_SHMLOCK;
        }
        let (below, methods) = real(file);
        methods.xShmLock.map_or(ffi::SQLITE_IOERR_SHMLOCK, |lock| lock(below, offset, count, flags))
    }
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        let (below, methods) = real(file);
        if let Some(barrier) = methods.xShmBarrier {
            barrier(below);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: an open file, passed on as SQLite gave it.
    unsafe {
        let (below, methods) = real(file);
        methods.xShmUnmap.map_or(ffi::SQLITE_IOERR, |unmap| unmap(below, delete))
    }
}

//! What is rewritten of the code that uniffi generates, where reading and calling cost more than what is called
//! (docs/PERFORMANCE.md). Each passage must be there as it was met, or the command fails and names it: a new uniffi may have
//! mended it.

use camino::Utf8Path;

/// One passage, and what stands there instead.
pub(crate) struct Passage {
    /// What it is about, for whom it is missing.
    about: &'static str,
    found: &'static str,
    instead: &'static str,
    /// True if it stands in many places; otherwise it must be in one.
    everywhere: bool,
}

impl Passage {
    const fn once(about: &'static str, found: &'static str, instead: &'static str) -> Self {
        Self { about, found, instead, everywhere: false }
    }

    const fn everywhere(about: &'static str, found: &'static str, instead: &'static str) -> Self {
        Self { about, found, instead, everywhere: true }
    }
}

/// Kotlin allocates a status for each call into Rust: five for a list, each with memory outside the JVM, a place in a
/// table, a cleaner, and its fields copied by reflection before and after. That was a third of what the bridge cost. A thread
/// keeps its statuses instead. A call within a call takes another one; one that carried an error is not kept, so a kept one
/// always says success, and only its first byte has to be looked at.
pub(crate) const KOTLIN: [Passage; 1] = [Passage::once(
    "a call's status",
    "    var status = UniffiRustCallStatus()
    val return_value = callback(status)
    uniffiCheckCallStatus(errorHandler, status)
    return return_value
}
",
    "    val kept = uniffiKeptStatuses.get()
    val status = kept.removeLastOrNull() ?: UniffiRustCallStatus().also { it.setAutoSynch(false); it.write() }
    val return_value = callback(status)
    if (status.pointer.getByte(0) != UNIFFI_CALL_SUCCESS) {
        status.read()
        uniffiCheckCallStatus(errorHandler, status)
    }
    kept.addLast(status)
    return return_value
}

private val uniffiKeptStatuses = object : ThreadLocal<ArrayDeque<UniffiRustCallStatus>>() {
    override fun initialValue() = ArrayDeque<UniffiRustCallStatus>()
}
",
)];

/// Swift reads what Rust returns through `Data`, which checks and copies each number and each text on its own: nine tenths of
/// what a list cost. It is read where it lies instead; Rust frees it once all is read, as before.
pub(crate) const SWIFT: [Passage; 5] = [
    Passage::everywhere(
        "a reader",
        "(data: Data, offset: Data.Index)",
        "(data: UnsafeRawBufferPointer, offset: Int)",
    ),
    Passage::once(
        "a reader's beginning",
        "func createReader(data: Data)",
        "func createReader(data: UnsafeRawBufferPointer)",
    ),
    Passage::once(
        "what a reader reads",
        "createReader(data: Data(rustBuffer: buf))",
        "createReader(data: UnsafeRawBufferPointer(start: buf.data, count: Int(buf.len)))",
    ),
    Passage::once(
        "reading a number",
        "    let range = reader.offset..<reader.offset + MemoryLayout<T>.size
    guard reader.data.count >= range.upperBound else {
        throw UniffiInternalError.bufferOverflow
    }
    if T.self == UInt8.self {
        let value = reader.data[reader.offset]
        reader.offset += 1
        return value as! T
    }
    var value: T = 0
    let _ = withUnsafeMutableBytes(of: &value, { reader.data.copyBytes(to: $0, from: range)})
    reader.offset = range.upperBound
    return value.bigEndian
",
        "    guard reader.data.count - reader.offset >= MemoryLayout<T>.size else {
        throw UniffiInternalError.bufferOverflow
    }
    let value = reader.data.loadUnaligned(fromByteOffset: reader.offset, as: T.self)
    reader.offset += MemoryLayout<T>.size
    return T(bigEndian: value)
",
    ),
    Passage::once(
        "reading a text",
        " count: Int) throws -> Array<UInt8> {
    let range = reader.offset..<(reader.offset+count)
    guard reader.data.count >= range.upperBound else {
        throw UniffiInternalError.bufferOverflow
    }
    var value = [UInt8](repeating: 0, count: count)
    value.withUnsafeMutableBufferPointer({ buffer in
        reader.data.copyBytes(to: buffer, from: range)
    })
    reader.offset = range.upperBound
    return value
",
        " count: Int) throws -> UnsafeBufferPointer<UInt8> {
    guard count >= 0, reader.data.count - reader.offset >= count else {
        throw UniffiInternalError.bufferOverflow
    }
    let value = UnsafeRawBufferPointer(rebasing: reader.data[reader.offset..<reader.offset + count])
    reader.offset += count
    return value.bindMemory(to: UInt8.self)
",
    ),
];

/// Rewrites a generated file.
///
/// # Errors
/// That the file cannot be read or written, or a passage is not in it as it was met.
pub(crate) fn rewrite(file: &Utf8Path, passages: &[Passage]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{file}: {error}");
    let mut text = std::fs::read_to_string(file).map_err(failed)?;
    for Passage { about, found, instead, everywhere } in passages {
        let times = text.matches(found).count();
        if times == 0 || (!everywhere && times > 1) {
            return Err(format!("{file}: uniffi writes {about} in another way now; see {}", file!()));
        }
        text = text.replace(found, instead);
    }
    std::fs::write(file, text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_that_is_missing_or_there_twice_is_named_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(folder.path()).unwrap().join("generated.swift");
        let passages = [Passage::everywhere("a place", "(a)", "(b)"), Passage::once("a line", "one", "two")];
        for (text, names) in [("(a)", "a line"), ("(a) one one", "a line"), ("one", "a place")] {
            std::fs::write(&file, text).unwrap();
            let told = rewrite(&file, &passages).unwrap_err();
            assert!(told.contains(names), "{told}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        std::fs::write(&file, "(a) one (a)").unwrap();
        rewrite(&file, &passages).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "(b) two (b)");
    }
}

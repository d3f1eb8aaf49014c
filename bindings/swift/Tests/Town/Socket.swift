import Foundation

#if canImport(Glibc)
import Glibc
private let stream = Int32(SOCK_STREAM.rawValue)
#else
import Darwin
private let stream = SOCK_STREAM
#endif

/// A TCP socket on this machine. Whoever waits on one is woken by `shut`; only its owner frees it.
struct Socket: Sendable, Hashable {
    private let descriptor: Int32

    /// Listens on a free port.
    static func listening() throws -> (Socket, port: UInt16) {
        let door = try make()
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(door.descriptor, $0, length) == 0 && listen(door.descriptor, 50) == 0
                    && getsockname(door.descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw Unlike("no port to listen on: \(errno)") }
        return (door, UInt16(bigEndian: address.sin_port))
    }

    static func connected(to port: UInt16) throws -> Socket {
        let socket = try make()
        var address = loopback(port: port)
        let reached = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard reached else {
            socket.free()
            throw Unlike("nobody listens on \(port): \(errno)")
        }
        return socket
    }

    /// The next one that comes in; `nil` once this was shut.
    func accepted() -> Socket? {
        let descriptor = accept(descriptor, nil, nil)
        return descriptor < 0 ? nil : Socket(descriptor: descriptor)
    }

    /// What arrives; `nil` once the other end, or this one, was shut.
    func received() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        let length = read(descriptor, &bytes, bytes.count)
        return length > 0 ? Array(bytes[..<length]) : nil
    }

    /// True if all of it went out.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let length = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if length <= 0 { return false }
            sent += length
        }
        return true
    }

    func shut() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func free() {
        close(descriptor)
    }

    private static func make() throws -> Socket {
        // A broken connection is an answer of `write`, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { throw Unlike("no socket: \(errno)") }
        return Socket(descriptor: descriptor)
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        return address
    }
}

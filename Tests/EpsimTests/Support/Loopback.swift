import Foundation
import TestSupport

/// TCP on 127.0.0.1 by plain sockets.
enum Loopback {
    /// A port that was free a moment ago.
    static func freePort() throws -> UInt16 {
        let (descriptor, port) = try listener()
        close(descriptor)
        return port
    }

    /// A socket that listens, and its port.
    static func listener() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = try streamSocket()
        var address = address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        guard isBound else { throw TestTrouble("cannot listen on 127.0.0.1: errno \(errno)") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A connected socket.
    static func connect(port: UInt16) throws -> Int32 {
        let descriptor = try streamSocket()
        var address = address(port: port)
        let isConnected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Foundation.connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            throw TestTrouble("cannot connect to 127.0.0.1:\(port): errno \(errno)")
        }
        return descriptor
    }

    private static func streamSocket() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestTrouble("no socket: errno \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

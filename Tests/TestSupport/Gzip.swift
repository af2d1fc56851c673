internal import CZlib
public import Foundation

/// Files of gzip, read by zlib.
public enum Gzip {
    /// Something that is no whole file of gzip.
    public struct Trouble: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
        /// What could be read before.
        public var read = ""
    }

    /// The contents of a file.
    public static func contents(of path: String) throws -> Data {
        guard let file = unsafe gzopen(path, "rb") else { throw Trouble(description: "\(path) cannot be opened") }
        defer { unsafe gzclose(file) }
        var contents = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe gzread(file, bytes.baseAddress, UInt32(bytes.count))
            }
            // zlib tells of a file that is cut off only by its state.
            var state: CInt = Z_OK
            _ = unsafe gzerror(file, &state)
            guard count >= 0, state == Z_OK || state == Z_STREAM_END else {
                let read = contents + buffer[..<Int(max(count, 0))]
                throw Trouble(description: "\(path): zlib says \(state)", read: String(decoding: read, as: UTF8.self))
            }
            guard count > 0 else { return contents }
            contents.append(contentsOf: buffer[..<Int(count)])
        }
    }
}

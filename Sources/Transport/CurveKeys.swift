internal import Basics
internal import CZeroMQ
internal import Foundation

/// The key pair that all processes of one cluster share.
///
/// The coordinator proves itself with the secret half; a worker can only complete the CURVE handshake when it knows the
/// public half, which the file keeps from others. Whoever has the file belongs to the cluster; traffic is encrypted.
public struct CurveKeys: Equatable, Sendable {
    /// The public half, Z85 text of 40 characters.
    public let publicKey: String
    /// The secret half, Z85 text of 40 characters.
    public let secretKey: String

    /// A new, random key pair.
    public static func generate() throws(TransportError) -> CurveKeys {
        var publicBytes = [CChar](repeating: 0, count: 41)
        var secretBytes = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_curve_keypair(&publicBytes, &secretBytes) == 0 else {
            throw TransportError.last("curve_keypair")
        }
        return CurveKeys(publicKey: text(publicBytes), secretKey: text(secretBytes))
    }

    /// Read the key pair from a file that ``write(to:)`` made.
    public init(contentsOf path: String) throws(TransportError) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8).withoutByteOrderMark
        } catch {
            throw TransportError("key file \(path) cannot be read; make one with 'epsim cluster key \(path)'")
        }
        var fields: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2 { fields[words[0]] = words[1] }
        }
        guard let publicKey = fields["public"], let secretKey = fields["secret"],
            publicKey.utf8.count == 40, secretKey.utf8.count == 40
        else {
            throw TransportError(
                "key file \(path) does not hold a line 'public KEY' and a line 'secret KEY' of 40 characters each"
            )
        }
        self.init(publicKey: String(publicKey), secretKey: String(secretKey))
        guard isPair else {
            throw TransportError(
                "key file \(path) holds keys that are no pair; make new ones with 'epsim cluster key FILE'"
            )
        }
    }

    /// Whether the public half belongs to the secret one, which also means that both are Z85 text.
    private var isPair: Bool {
        var bytes = [CChar](repeating: 0, count: 41)
        return unsafe zmq_curve_public(&bytes, secretKey) == 0 && Self.text(bytes) == publicKey
    }

    /// Write the pair to a new file that only its owner can read. An existing file is an error.
    public func write(to path: String) throws(TransportError) {
        let text =
            "# CURVE keys of an epsim cluster. Whoever can read this file can join it.\n"
            + "public \(publicKey)\nsecret \(secretKey)\n"
        // Opened for its owner alone from the first moment, and only if there is none.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno != EEXIST else {
                throw TransportError("key file \(path) exists already; remove it first to make new keys")
            }
            throw TransportError("key file \(path) cannot be written: \(TransportError.reason(errno))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            throw TransportError("key file \(path) cannot be written: \(error.localizedDescription)")
        }
    }

    private init(publicKey: String, secretKey: String) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    private static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

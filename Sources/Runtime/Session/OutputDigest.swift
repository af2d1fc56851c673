import Basics
internal import CSodium
internal import Tensors

/// SHA-256 over the outputs of all measured steps: little-endian singles, in token order.
struct OutputDigest {
    private var state = crypto_hash_sha256_state()
    private var isEmpty = true

    init() {
        unsafe crypto_hash_sha256_init(&state)
    }

    mutating func add(_ output: Matrix) {
        isEmpty = false
        unsafe output.values.withUnsafeBufferPointer { values in
            let bytes = unsafe UnsafeRawBufferPointer(values).assumingMemoryBound(to: UInt8.self)
            unsafe crypto_hash_sha256_update(&state, bytes.baseAddress, UInt64(bytes.count))
        }
    }

    /// 64 hexadecimal digits, or nil when no step was measured.
    var hexadecimal: String? {
        guard !isEmpty else { return nil }
        var final = state
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        unsafe crypto_hash_sha256_final(&final, &digest)
        return Hexadecimal.text(digest)
    }
}

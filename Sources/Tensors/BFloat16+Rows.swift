extension BFloat16 {
    /// Rounds `count` singles.
    @unsafe
    public static func round(_ source: UnsafePointer<Float>, count: Int, into target: UnsafeMutableRawPointer) {
        for index in 0..<count {
            let bits = unsafe BFloat16(source[index]).bitPattern
            unsafe target.storeBytes(of: bits, toByteOffset: index * 2, as: UInt16.self)
        }
    }

    /// Widens `count` values to singles.
    @unsafe
    public static func widen(_ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>) {
        for index in 0..<count {
            let bits = unsafe source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
            unsafe target[index] = BFloat16(bitPattern: bits).float
        }
    }

    /// Rounds `count` singles, and leaves them singles.
    @unsafe
    public static func roundInPlace(_ values: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count {
            unsafe values[index] = BFloat16(values[index]).float
        }
    }
}

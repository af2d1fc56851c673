import Testing
import Transport

@Suite("Library")
struct TransportLibraryTests {
    /// CURVE is optional when libzmq is built; without it no cluster of several machines is possible.
    @Test func theLibraryIsAsRecentAsNeededAndEncrypts() throws {
        let numbers = TransportLibrary.version.split(separator: ".").compactMap { Int($0) }
        #expect(numbers.count == 3)
        #expect(!numbers.lexicographicallyPrecedes([4, 3, 4]))
        #expect(TransportLibrary.hasCurve)
    }
}

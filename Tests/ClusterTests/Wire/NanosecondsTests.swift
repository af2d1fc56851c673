import Cluster
import Testing

@Suite("Nanoseconds")
struct NanosecondsTests {
    /// Seconds stand in texts, where 0.30000000000000004 would look strange.
    @Test(arguments: [0.1, 0.2, 0.3, 0.6, 0.7, 1.1, 2.3, 60])
    func secondsSurvive(seconds: Double) {
        #expect(Nanoseconds(seconds: seconds).seconds == seconds)
    }
}

import Cluster
import Testing

@testable import Runtime

@Suite struct RuntimeErrorTests {
    @Test func everyErrorIsOneLine() {
        let failure = ClusterFailure(
            worker: "worker 1 (pid 2 on a\u{1B}[31mb)",
            what: "gave up: no\r\nluck",
            advice: "rest"
        )
        #expect(RuntimeError.cluster(failure).description == "worker 1 (pid 2 on a?[31mb) gave up: no??luck; rest")
        #expect(RuntimeError.local("grüß\tdich").description == "grüß?dich")
        #expect(RuntimeError.configuration("a: b").description == "a: b")
        #expect(RuntimeError.interrupted.description == "interrupted")
    }
}

import EpsimApp
import Runtime
import Testing

@Suite struct DiagnosisTests {
    @Test func looksAtEverything() {
        let diagnosis = Diagnosis(workers: 2)
        #expect(
            diagnosis.findings.map(\.topic) == [
                "epsim", "toolchain", "system", "libzmq", "oneDNN", "cpu features", "kernel F32", "kernel BF16",
                "products", "cores", "memory", "limits", "threads", "calibration",
            ]
        )
        #expect(diagnosis.findings.allSatisfy { !$0.text.isEmpty })
        #expect(!diagnosis.findings.contains { $0.level == .broken })
    }

    @Test func manyWorkersAreRemarkedOn() throws {
        let cores = try #require(Diagnosis(workers: Host.cores).findings.first { $0.topic == "cores" })
        #expect(cores.level == .remarkable)
        #expect(cores.text.hasPrefix("\(Host.cores), for \(Host.cores + 1) busy processes: "))
        if Host.cores > 1 {
            let few = try #require(Diagnosis(workers: Host.cores - 1).findings.first { $0.topic == "cores" })
            #expect(few.level == .fine)
        }
    }

    @Test func tooFewDescriptorsAreBad() throws {
        let files = try #require(Diagnosis(workers: 1 << 40).findings.first { $0.topic == "limits" })
        #expect(files.level == .broken)
        #expect(files.description.hasPrefix("BAD   limits          open files: found a limit of "))
    }
}

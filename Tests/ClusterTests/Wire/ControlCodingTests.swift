import Cluster
import SimulatedNetwork
import Tensors
import TestSupport
import Testing

@Suite("Control payloads")
struct ControlCodingTests {
    @Test func surviveTheWire() throws {
        let form = RowForm(dispatch: .f8e4m3, combine: .bf16, carriesWeights: true, presums: true)
        var assignment = Assignment.tiny(sharedExpert: true, form: form)
        assignment.delay = PhaseDelay(phase: .combine, rank: 3, duration: 5)
        #expect(try ControlCoding.decode(Assignment.self, from: ControlCoding.encode(assignment)) == assignment)
        let hello = Hello.worker(1, rank: 3, bootID: "é\n\"")
        #expect(try ControlCoding.decode(Hello.self, from: ControlCoding.encode(hello)) == hello)
        #expect(try ControlCoding.decode(Ready.self, from: ControlCoding.encode(Ready.fresh)) == .fresh)
        let notice = Notice(reason: "no")
        #expect(try ControlCoding.decode(Notice.self, from: ControlCoding.encode(notice)) == notice)
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"reason\":3}", "{\"reasons\":\"x\"}", "\u{FEFF}"])
    func anythingElseIsRefused(text: String) {
        #expect(throws: WireError("a control payload that is no Notice")) {
            try ControlCoding.decode(Notice.self, from: Array(text.utf8))
        }
    }

    @Test func numbersOutOfRangeAreRefused() throws {
        let text = "{\"weightBytes\":1e40,\"kernels\":[],\"reused\":true}"
        #expect(throws: WireError("a control payload that is no Ready")) {
            try ControlCoding.decode(Ready.self, from: Array(text.utf8))
        }
    }

    @Test(arguments: UInt64(1)...10)
    func randomBytesNeverCrash(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let whole = try ControlCoding.encode(Hello.worker(1))
        for _ in 0..<50 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            guard let hello = try? ControlCoding.decode(Hello.self, from: bytes) else { continue }
            #expect(try ControlCoding.decode(Hello.self, from: ControlCoding.encode(hello)) == hello, "seed \(seed)")
        }
    }

    @Test func deepNestingIsRefused() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: WireError.self) { try ControlCoding.decode(Notice.self, from: deep) }
    }
}

import CostModel
import Records
import Testing

@testable import Calibration

@Suite("Tables of timings")
struct TimingFileTests {
    private let row = "H100-SXM,2,16,7168,8,256,64,20.5,30"

    @Test("kinds are told apart by columns, in any order")
    func kinds() throws {
        #expect(try TimingFile(csv: lowLatencyHeader + row, name: "a").kind == .lowLatency)
        let normal = try TimingFile(csv: normalHeader + "H100-SXM,2,16,7168,8,256,64,24,20.5,30", name: "a")
        #expect(normal.kind == .normal && normal.rows.count == 1)
        guard case .kernel(let setting) = normal.rows[0].setting else {
            Issue.record("no kernel")
            return
        }
        #expect(setting.sms == 24 && setting.nodes == 2 && setting.kernel == .normal && setting.dispatchIn8Bits)
        #expect(normal.rows[0].measurements[.dispatch] == .seconds(20.5 * 1e-6))
        let published = "low_latency,H800,8,8,7168,8,256,none,128,bf16,bf16,77,98,,127,\"a, b\""
        let table = try TimingFile(csv: publishedHeader + published, name: "a")
        #expect(table.rows[0].measurements == [.dispatch: .seconds(77 * 1e-6), .combine: .bandwidth(127)])
        let turned = "latency_ms,routing,tokens_all_gpus,gpus,experts,top_k,ffn,hidden,dtype,phase,gpu\r\n"
        let experts = try TimingFile(csv: turned + "0.5,power_law_1.01,64,4,8,2,32,64,bf16,decode,H200\r\n", name: "a")
        guard case .experts(let work) = experts.rows[0].setting else {
            Issue.record("no experts")
            return
        }
        #expect(work.routing == .powerLaw(1.01) && work.kernel == .masked && !work.isIn8Bits && work.tokens == 64)
    }

    @Test("comments, empty lines, a byte-order mark and quotes")
    func form() throws {
        let text = "\u{FEFF}# from a paper\n\n" + lowLatencyHeader + "\n\"H100-SXM\" , 2,16,7168,8,256,64,20.5,30\n"
        let file = try TimingFile(csv: text, name: "a")
        #expect(file.rows.map(\.line) == [5] && file.rows[0].gpu == "H100-SXM")
    }

    @Test("a quote that nothing closes, which would swallow the rows behind it")
    func openQuote() throws {
        let text = lowLatencyHeader + "\nH100-SXM,2,16,7168,8,256,64,20.5,\"30\nH100-SXM,2,16,7168,8,256,64,20.5,30\n"
        #expect(throws: TimingError.self) { try TimingFile(csv: text, name: "a") }
        let inch = lowLatencyHeader + "\nH100 5\" SXM,2,16,7168,8,256,64,20.5,30\nB,2,16,7168,8,256,64,20.5,30\n"
        #expect(try TimingFile(csv: inch, name: "a").rows.count == 2)
    }

    @Test(
        "cells that cannot be read",
        arguments: [
            (
                "H100-SXM,2,16,7168,8,256,x,20.5,30",
                "tokens_per_gpu: found \"x\", allowed: an integer from 1 to 16777216"
            ),
            (
                "H100-SXM,2,16,7168,8,256,1.5,20.5,30",
                "tokens_per_gpu: found 1.5, allowed: an integer from 1 to 16777216"
            ),
            ("H100-SXM,2,16,7168,8,256,64,-1,30", "dispatch_us: found -1, allowed: a number above 0"),
            ("H100-SXM,2,16,7168,8,256,64,inf,30", "dispatch_us: found inf, allowed: a number above 0"),
            ("H100-SXM,2,16,7168,8,256,64,0x9,30", "dispatch_us: found 0x9, allowed: a number above 0"),
            ("H100-SXM,2,16,7168,8,256,64,20.5,", "combine_us: found nothing, allowed: a number above 0"),
            (",2,16,7168,8,256,64,20.5,30", "gpu: found nothing, allowed: a name"),
            ("H100-SXM,3,16,7168,8,256,64,20.5,30", "gpus: found 16, allowed: a multiple of nodes, 3"),
            ("H100-SXM,1,8,7168,9,8,64,20.5,30", "top_k: found 9, allowed: at most experts, 8"),
            ("H100-SXM,2,16,7168,8,8,64,20.5,30", "gpus: found 16, allowed: at most experts, 8"),
            ("H100-SXM,2,16,7168,8,256,64,20.5", "found 8 cells, allowed: 9, as the header has"),
            (
                "H100-SXM,2,16,7168,8,256,99999999999999999999,20.5,30",
                "tokens_per_gpu: found 99999999999999999999, allowed: an integer from 1 to 16777216"
            ),
            (
                "H100-SXM,2,16,7168,8,256,\u{1B}[2J,20.5,30",
                "tokens_per_gpu: found \"\\u{1B}[2J\", allowed: an integer from 1 to 16777216"
            ),
        ]
    )
    func cells(_ row: String, _ message: String) {
        #expect(problems(lowLatencyHeader + row) == ["a.csv:2: \(message)"])
    }

    @Test("words that are not known")
    func words() {
        let published = "fast,H800,128,0,7168,8,256,3 of 8,4096,fp4,fp8,,,,50,"
        #expect(
            problems(publishedHeader + published) == [
                "a.csv:2: mode: found \"fast\", allowed: normal or low_latency",
                "a.csv:2: gpus_per_node: found 0, allowed: an integer from 1 to 1024",
                "a.csv:2: dispatch_dtype: found \"fp4\", allowed: fp8 or bf16",
                "a.csv:2: combine_dtype: found \"fp8\", allowed: bf16",
                "a.csv:2: group_limit: found \"3 of 8\", allowed: none or 4 of 8 groups",
                "a.csv:2: dispatch_us: found nothing, allowed: a number above 0 here or in dispatch_gb_s",
            ]
        )
        let many = "normal,H800,256,8,7168,8,256,4 of 8 groups,4096,fp8,bf16,,50,,50,"
        #expect(
            problems(publishedHeader + many) == [
                "a.csv:2: gpus: found 256, allowed: at most 16 nodes with a group_limit"
            ]
        )
        let experts = "H200-SXM,train,fp4,7168,2048,8,256,3,64,power_law_x,0.5"
        #expect(
            problems(expertHeader + experts) == [
                "a.csv:2: phase: found \"train\", allowed: prefill or decode",
                "a.csv:2: dtype: found \"fp4\", allowed: fp8_block or bf16",
                "a.csv:2: routing: found \"power_law_x\", allowed: uniform, or power_law_ and an exponent from 0 to 10",
                "a.csv:2: gpus: found 3, allowed: a divisor of experts, 256",
            ]
        )
    }

    @Test("columns that are not known, twice there or missing; files without rows")
    func columns() {
        let columns = "the columns of low-latency kernels: " + lowLatencyHeader.dropLast().replacing(",", with: ", ")
        let wider = lowLatencyHeader.replacing("hidden", with: "width,depth")
        #expect(
            problems(wider + row) == [
                "a.csv:1: found the unknown columns \"width\", \"depth\", allowed: \(columns)",
                "a.csv:1: found no hidden, allowed: \(columns)",
            ]
        )
        #expect(problems("gpu," + lowLatencyHeader + row) == ["a.csv:1: found \"gpu\" twice, allowed: \(columns)"])
        #expect(problems("\n# nothing\n") == ["a.csv: found no line, allowed: a header and rows"])
        #expect(problems(lowLatencyHeader) == ["a.csv: found a header without rows, allowed: 1 row or more"])
        let wrong = String(repeating: "H100-SXM,2,16,7168,8,256,x,20.5,30\n", count: 30)
        #expect(problems(lowLatencyHeader + wrong).count == 21)
        #expect(problems(lowLatencyHeader + wrong).last == "and 10 more")
    }

    @Test("hardware that nobody described")
    func hardware() throws {
        let file = try TimingFile(csv: lowLatencyHeader + row.replacing("H100-SXM", with: "X1"), name: "a.csv")
        #expect(
            throws: TimingError([
                TimingProblem(
                    file: "a.csv",
                    line: 2,
                    column: "gpu",
                    message: "found \"X1\", allowed: H100-SXM, H200-SXM, H800"
                )
            ])
        ) { try Validator([file], profiles: profiles()) }
        let old = try shippedProfile("A100-SXM")
        let experts = try TimingFile(
            csv: expertHeader + "A100-SXM,decode,fp8_block,7168,2048,8,256,2,2,uniform,0.1",
            name: "a.csv"
        )
        #expect {
            try Validator([experts], profiles: ["A100-SXM": old])
        } throws: { "\($0)".contains("a.csv:2: gpu:") && "\($0)".contains("A100-SXM has no products in fp8") }
    }
}

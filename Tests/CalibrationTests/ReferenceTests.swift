import Records
import Testing

@testable import Calibration

/// The times in these rows were computed by a second implementation of the equations, in Python with numpy.
@Suite("Predictions equal a second implementation")
struct ReferenceTests {
    @Test("low-latency kernels")
    func lowLatency() throws {
        let rows = """
            H100-SXM,1,8,7168,8,256,1,15.648988170004628,12.888080460943147
            H100-SXM,1,8,7168,8,256,2048,454.5041621272138,1022.1384421087002
            H100-SXM,2,16,7168,8,256,8,25.58977964733191,31.692941907689317
            H100-SXM,2,16,7168,8,288,128,102.44628274940962,181.72475531429032
            H100-SXM,4,32,7168,8,288,2,27.74943987113784,34.08471871971146
            H100-SXM,4,32,7168,8,256,1024,990.9901127614175,1901.0113335084006
            H100-SXM,3,24,4096,6,96,64,39.73321825698669,60.316917736533014
            """
        try check(lowLatencyHeader + rows, count: 14)
    }

    @Test("normal kernels")
    func normal() throws {
        let rows = """
            H100-SXM,1,8,7168,8,256,1,20,35.23647926586231,45.907550313303965
            H100-SXM,1,8,7168,8,256,4096,20,512.2190729720195,947.9211623708612
            H100-SXM,2,16,7168,8,256,128,20,64.8393312141709,146.84350108555492
            H100-SXM,2,16,7168,8,256,32768,24,5620.042057449787,12693.728546618568
            H100-SXM,8,64,7168,8,256,4096,24,3041.698920078062,5953.155895083071
            """
        try check(normalHeader + rows, count: 10)
    }

    @Test("the rows of DeepEP's table, bandwidths turned into times, a limit of nodes among them")
    func published() throws {
        let rows = """
            normal,H800,8,8,7168,8,256,4 of 8 groups,4096,fp8,bf16,,149.2346588634476,,147.5224370563353,x
            normal,H800,16,8,7168,8,256,4 of 8 groups,4096,fp8,bf16,,44.871498173353636,,43.9135745105076,x
            normal,H800,64,8,7168,8,256,4 of 8 groups,4096,fp8,bf16,,51.81827456218018,,51.1502931436719,x
            low_latency,H800,8,8,7168,8,256,none,128,fp8,bf16,66.401495323125,,118.26303087493017,,x
            low_latency,H800,16,8,7168,8,256,none,128,fp8,bf16,104.7131035715195,,186.27762080450478,,x
            low_latency,H800,64,8,7168,8,256,none,128,fp8,bf16,166.05280321647285,,302.9714067697225,,x
            low_latency,H800,256,8,7168,8,256,none,128,fp8,bf16,182.2748182442995,,334.0393053924476,,x
            """
        try check(publishedHeader + rows, count: 14)
    }

    @Test("expert products: uniform and power-law loads, both phases, another shape")
    func experts() throws {
        let rows = """
            H200-SXM,prefill,fp8_block,7168,2048,8,256,2,32,uniform,0.3463934188379621
            H200-SXM,prefill,fp8_block,7168,2048,8,256,8,16384,uniform,1.400253343927167
            H200-SXM,prefill,fp8_block,7168,2048,8,256,256,8192,uniform,0.35578976748630176
            H200-SXM,prefill,fp8_block,7168,2048,8,256,4,65536,power_law_0.6,11.047244458636728
            H200-SXM,prefill,fp8_block,7168,2048,8,256,32,2048,power_law_1.2,0.4125711549744229
            H200-SXM,prefill,fp8_block,7168,2048,8,256,2,64,power_law_1,1.5514908785204649
            H200-SXM,decode,fp8_block,7168,2048,8,256,2,2,uniform,0.1832499430576215
            H200-SXM,decode,fp8_block,7168,2048,8,256,64,8192,uniform,0.10483642291609577
            H200-SXM,decode,fp8_block,7168,2048,8,256,4,8,power_law_0.6,0.19586122691260605
            H200-SXM,decode,fp8_block,7168,2048,8,256,16,512,power_law_0.8,0.1975407536228597
            H200-SXM,decode,fp8_block,7168,2048,8,256,256,32768,power_law_1.01,0.7044328947473231
            H200-SXM,decode,fp8_block,7168,2048,8,256,2,4,power_law_0.6,0.444891772230486
            H200-SXM,prefill,fp8_block,2048,768,8,128,8,4096,power_law_0.9,0.36085194706518403
            """
        try check(expertHeader + rows, count: 13)
    }

    private func check(_ csv: String, count: Int) throws {
        let rows = try predictions(csv)
        #expect(rows.count == count)
        for row in rows { #expect(abs(row.error) < 1e-6, "\(row.figure) (\(row.setting)): \(row.predictedUs) us") }
    }
}

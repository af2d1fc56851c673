import MoE
import Testing

@Suite struct RowBlockTests {
    @Test(arguments: [1, 31, 32, 33, 255, 256, 257, 511, 512, 513, 1000, 4096])
    func blocksAreFewAndNearlyEqual(rows: Int) {
        let size = RowBlock.size(for: rows)
        #expect(size <= RowBlock.most && size % 32 == 0)
        #expect((rows + size - 1) / size == (rows + RowBlock.most - 1) / RowBlock.most)
    }
}

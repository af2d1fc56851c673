/// What the constants of a kind of products come to, looked up once.
struct ProductRates {
    /// How products are launched.
    let kernel: ProductKernel
    /// Seconds.
    let launch: Double
    /// Seconds.
    let slot: Double
    let tileRows: Double
    let memoryBytesPerSecond: Double
    let gatherBytesPerSecond: Double
    private let flopsIn8Bits: Double
    private let flopsIn16Bits: Double

    init(_ profile: HardwareProfile, _ kernel: ProductKernel) {
        self.kernel = kernel
        let isContiguous = kernel == .contiguous
        launch = profile[isContiguous ? .contiguousLaunch : .maskedLaunch] * 1e-6
        slot = isContiguous ? 0 : profile[.maskedSlot] * 1e-6
        tileRows = profile[isContiguous ? .contiguousTileRows : .maskedTileRows]
        let memory = profile[.memoryBandwidth] * 1e9
        memoryBytesPerSecond = memory * profile[isContiguous ? .contiguousMemoryEfficiency : .maskedMemoryEfficiency]
        gatherBytesPerSecond = memory * profile[.contiguousGatherEfficiency]
        let efficiency = profile[isContiguous ? .contiguousProductEfficiency : .maskedProductEfficiency]
        flopsIn8Bits = profile[.fp8Peak] * 1e12 * efficiency
        flopsIn16Bits = profile[.bf16Peak] * 1e12 * efficiency
    }

    func flopsPerSecond(_ work: ExpertWork) -> Double { work.isIn8Bits ? flopsIn8Bits : flopsIn16Bits }
}

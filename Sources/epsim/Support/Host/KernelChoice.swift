import Configuration
import Experts
import Foundation
import MoE
import Runtime

/// The forms of a run's products: from the file of this machine, and by measurement where that has none.
struct KernelChoice {
    /// Whether the terminal may show that something is measured.
    let isShown: Bool

    /// The forms of products; what was measured is kept.
    ///
    /// - Throws: when the file is wrong or cannot be written, or oneDNN fails.
    func forms(_ shapes: [ProductShape]) throws(RuntimeError) -> ProductForms {
        do {
            let path = KernelFile.path(environment: ProcessInfo.processInfo.environment)
            var file = try path.map { (path) throws(ConfigurationError) in try KernelFile.read(path) } ?? KernelFile()
            let known = file.choices(of: .here)
            let missing = shapes.filter { shape in !known.contains { $0.shape == shape } }
            if !missing.isEmpty {
                let choices = try measure(missing)
                if let path {
                    file = try KernelFile.add(choices, of: .here, to: path)
                } else {
                    file.add(choices, of: .here)
                }
            }
            let choices = file.choices(of: .here).filter { shapes.contains($0.shape) }
            return ProductForms(choices.map { ProductForms.Choice(shape: $0.shape, form: $0.form) })
        } catch let error as ConfigurationError {
            throw .configuration(error.description)
        } catch {
            throw .local("\(error)")
        }
    }

    private func measure(_ shapes: [ProductShape]) throws(ComputeError) -> [KernelFile.Choice] {
        let line = StatusLine(isShown: isShown)
        defer { line.end() }
        let chooser = try FormChooser()
        var choices: [KernelFile.Choice] = []
        for (index, shape) in shapes.enumerated() {
            line.show(
                "choosing kernels: product \(index + 1) of \(shapes.count), \(shape.inputs) x \(shape.outputs)"
            )
            guard let choice = try chooser.choose(shape) else { continue }
            choices.append(
                KernelFile.Choice(
                    shape: shape,
                    form: choice.form,
                    kernel: choice.kernel,
                    gigaflops: (choice.flops / 1e8).rounded() / 10
                )
            )
        }
        return choices
    }
}

// Convolutions by oneDNN and the element-wise passes of our layers, for training on a CPU.
//
// Every tensor given from outside is float32, plain and contiguous: activations [N, C, H, W], weights [O, I, kh, kw].
// Plain C functions (no Paddle header): __init__.py calls them through ctypes with the addresses of Paddle tensors.
// They return null, or a message that the caller raises. oneDNN and the loops here run on one OpenMP pool, Paddle's.
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "onednn.h"

namespace {
using namespace onednn;

void check(int status, const char* what) {
  if (status != 0) throw std::runtime_error(std::string("oneDNN refused ") + what + ", status " + std::to_string(status));
}

struct Engine {
  dnnl_engine_t engine = nullptr;
  dnnl_stream_t stream = nullptr;
  Engine() {
    check(dnnl_engine_create(&engine, CPU, 0), "a CPU engine");
    check(dnnl_stream_create(&stream, engine, IN_ORDER), "a stream");
  }
};

Engine& cpu() {
  static Engine engine;
  return engine;
}

// Scratch memory that grows to the largest request and is kept: no page faults, no malloc in the steady state.
class Buffer {
 public:
  ~Buffer() { std::free(data_); }
  void* get(size_t bytes) {
    if (bytes > size_) {
      std::free(data_);
      size_ = (bytes + 4095) / 4096 * 4096;
      data_ = std::aligned_alloc(4096, size_);
      if (data_ == nullptr) throw std::runtime_error("out of memory for " + std::to_string(bytes) + " bytes of scratch");
    }
    return data_;
  }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

enum Slot { SLOT_SRC, SLOT_WEIGHTS, SLOT_BIAS, SLOT_DST, SLOT_SCRATCHPAD, SLOT_MASKED, SLOT_TABLE, SLOTS };
Buffer buffers[SLOTS];
std::mutex mutex;  // guards the buffers and the cached primitives: one native call at a time

struct Layout {  // owns a oneDNN memory descriptor
  dnnl_memory_desc_t md = nullptr;
  explicit Layout(dnnl_const_md source) { check(dnnl_memory_desc_clone(&md, source), "a layout"); }
  Layout(const std::vector<int64_t>& dims, int type, bool plain) {
    int n = static_cast<int>(dims.size());
    std::vector<int64_t> strides(n, 1);
    for (int i = n - 2; i >= 0; i--) strides[i] = strides[i + 1] * dims[i + 1];
    check(plain ? dnnl_memory_desc_create_with_strides(&md, n, dims.data(), type, strides.data())
                : dnnl_memory_desc_create_with_tag(&md, n, dims.data(), type, TAG_ANY), "a layout");
  }
  Layout(Layout&& other) noexcept : md(other.md) { other.md = nullptr; }
  Layout(const Layout&) = delete;
  ~Layout() { if (md != nullptr) dnnl_memory_desc_destroy(md); }
};

dnnl_memory_t make_memory(dnnl_const_md md) {
  dnnl_memory_t memory = nullptr;
  check(dnnl_memory_create(&memory, md, cpu().engine, nullptr), "a memory object");
  return memory;
}

dnnl_primitive_t make_primitive(dnnl_primitive_desc_t pd) {
  dnnl_primitive_t primitive = nullptr;
  check(dnnl_primitive_create(&primitive, pd), "a primitive");
  dnnl_primitive_desc_destroy(pd);
  return primitive;
}

// One argument of a primitive: the caller's plain tensor, and the same in the layout the primitive chose.
struct Port {
  int arg;
  bool output;
  Slot slot;                          // buffer for the primitive's layout
  dnnl_memory_t plain, inner;
  dnnl_primitive_t reorder = nullptr;  // null: the layouts agree, the caller's memory is used as it is
  size_t bytes = 0;

  Port(dnnl_const_pd pd, int arg, bool output, Slot slot, dnnl_const_md caller) : arg(arg), output(output), slot(slot) {
    dnnl_const_md md = dnnl_primitive_desc_query_md(pd, QUERY_EXEC_ARG_MD, arg);
    plain = make_memory(caller);
    inner = make_memory(md);
    if (dnnl_memory_desc_equal(md, caller)) return;
    bytes = dnnl_memory_desc_get_size(md);
    dnnl_primitive_desc_t reorder_pd = nullptr;
    check(dnnl_reorder_primitive_desc_create(&reorder_pd, output ? md : caller, cpu().engine, output ? caller : md,
                                             cpu().engine, nullptr), "a reorder");
    reorder = make_primitive(reorder_pd);
  }
  void move() const {
    dnnl_exec_arg_t args[] = {{SRC, output ? inner : plain}, {DST, output ? plain : inner}};
    check(dnnl_primitive_execute(reorder, cpu().stream, 2, args), "to reorder");
  }
};

// A primitive with its ports. Made once for a shape and kept for the life of the process.
class Kernel {
 public:
  struct Spec { int arg; bool output; Slot slot; const Layout& caller; };

  Kernel(dnnl_primitive_desc_t pd, std::initializer_list<Spec> specs) {
    for (const Spec& s : specs) ports_.emplace_back(pd, s.arg, s.output, s.slot, s.caller.md);
    dnnl_const_md scratch = dnnl_primitive_desc_query_md(pd, QUERY_EXEC_ARG_MD, SCRATCHPAD);
    scratch_bytes_ = dnnl_memory_desc_get_size(scratch);
    scratch_ = make_memory(scratch);
    primitive_ = make_primitive(pd);
  }

  void run(std::initializer_list<const void*> tensors) const {  // in the order of the ports
    std::vector<dnnl_exec_arg_t> args;
    auto tensor = tensors.begin();
    for (const Port& p : ports_) {
      void* outside = const_cast<void*>(*tensor++);
      dnnl_memory_set_data_handle(p.plain, outside);
      dnnl_memory_set_data_handle(p.inner, p.reorder ? buffers[p.slot].get(p.bytes) : outside);
      if (p.reorder && !p.output) p.move();
      args.push_back({p.arg, p.inner});
    }
    dnnl_memory_set_data_handle(scratch_, buffers[SLOT_SCRATCHPAD].get(scratch_bytes_));
    args.push_back({SCRATCHPAD, scratch_});
    check(dnnl_primitive_execute(primitive_, cpu().stream, static_cast<int>(args.size()), args.data()), "to run");
    for (const Port& p : ports_)
      if (p.reorder && p.output) p.move();
    check(dnnl_stream_wait(cpu().stream), "to wait");
  }

 private:
  std::vector<Port> ports_;
  dnnl_primitive_t primitive_ = nullptr;
  dnnl_memory_t scratch_ = nullptr;
  size_t scratch_bytes_ = 0;
};

struct Shape {  // filled by __init__.py, eleven int64
  int64_t n, i, h, w, o, kh, kw, stride_h, stride_w, pad_h, pad_w;
  int64_t out_h() const { return (h + 2 * pad_h - kh) / stride_h + 1; }
  int64_t out_w() const { return (w + 2 * pad_w - kw) / stride_w + 1; }
  int64_t out_size() const { return n * o * out_h() * out_w(); }
};

enum Kind { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS };
using Key = std::array<int64_t, 16>;

struct Attributes {  // our own scratch memory, and the activation as a post-operation
  dnnl_primitive_attr_t attr = nullptr;
  explicit Attributes(float slope) {
    check(dnnl_primitive_attr_create(&attr), "attributes");
    check(dnnl_primitive_attr_set_scratchpad_mode(attr, SCRATCHPAD_USER), "our scratch memory");
    if (slope == 1.0f) return;
    dnnl_post_ops_t ops = nullptr;
    check(dnnl_post_ops_create(&ops), "post-operations");
    check(dnnl_post_ops_append_eltwise(ops, RELU, slope, 0.0f), "leaky ReLU");
    check(dnnl_primitive_attr_set_post_ops(attr, ops), "leaky ReLU");
    dnnl_post_ops_destroy(ops);
  }
  ~Attributes() { dnnl_primitive_attr_destroy(attr); }
};

std::unique_ptr<Kernel> build(Kind kind, const Shape& s, bool bias, float slope, bool bf16) {
  int type = bf16 ? BF16 : F32;  // of the products; sums, bias and every result are float32
  std::vector<int64_t> x_dims{s.n, s.i, s.h, s.w}, w_dims{s.o, s.i, s.kh, s.kw}, y_dims{s.n, s.o, s.out_h(), s.out_w()};
  Layout x(x_dims, F32, true), w(w_dims, F32, true), y(y_dims, F32, true), b({s.o}, F32, true);
  Layout x_any(x_dims, type, false), w_any(w_dims, type, false), y_any(y_dims, type, false);
  Layout dx_any(x_dims, F32, false), dw_any(w_dims, F32, false), out_any(y_dims, F32, false);
  int64_t stride[] = {s.stride_h, s.stride_w}, dilate[] = {0, 0}, left[] = {s.pad_h, s.pad_w};
  int64_t right[] = {(s.out_h() - 1) * s.stride_h + s.kh - s.h - s.pad_h, (s.out_w() - 1) * s.stride_w + s.kw - s.w - s.pad_w};
  Attributes attributes(kind == FORWARD ? slope : 1.0f);
  dnnl_const_md b_md = bias ? b.md : nullptr;
  dnnl_primitive_desc_t forward = nullptr, pd = nullptr;  // backward descriptors take the forward one as a hint
  check(dnnl_convolution_forward_primitive_desc_create(&forward, cpu().engine, FORWARD_TRAINING, DIRECT, x_any.md, w_any.md,
        b_md, out_any.md, stride, dilate, left, right, attributes.attr), "a forward convolution of this shape");
  if (kind == FORWARD) {
    if (bias)
      return std::make_unique<Kernel>(forward, std::initializer_list<Kernel::Spec>{{SRC, false, SLOT_SRC, x},
          {WEIGHTS, false, SLOT_WEIGHTS, w}, {BIAS, false, SLOT_BIAS, b}, {DST, true, SLOT_DST, y}});
    return std::make_unique<Kernel>(forward, std::initializer_list<Kernel::Spec>{
        {SRC, false, SLOT_SRC, x}, {WEIGHTS, false, SLOT_WEIGHTS, w}, {DST, true, SLOT_DST, y}});
  }
  std::unique_ptr<dnnl_primitive_desc, int (*)(dnnl_primitive_desc_t)> keep(forward, dnnl_primitive_desc_destroy);
  if (kind == BACKWARD_DATA) {
    check(dnnl_convolution_backward_data_primitive_desc_create(&pd, cpu().engine, DIRECT, dx_any.md, w_any.md, y_any.md,
          stride, dilate, left, right, forward, attributes.attr), "a backward-data convolution of this shape");
    return std::make_unique<Kernel>(pd, std::initializer_list<Kernel::Spec>{
        {DIFF_DST, false, SLOT_DST, y}, {WEIGHTS, false, SLOT_WEIGHTS, w}, {DIFF_SRC, true, SLOT_SRC, x}});
  }
  check(dnnl_convolution_backward_weights_primitive_desc_create(&pd, cpu().engine, DIRECT, x_any.md, dw_any.md, b_md,
        y_any.md, stride, dilate, left, right, forward, attributes.attr), "a backward-weights convolution of this shape");
  if (bias)
    return std::make_unique<Kernel>(pd, std::initializer_list<Kernel::Spec>{{DIFF_DST, false, SLOT_DST, y},
        {SRC, false, SLOT_SRC, x}, {DIFF_WEIGHTS, true, SLOT_WEIGHTS, w}, {DIFF_BIAS, true, SLOT_BIAS, b}});
  return std::make_unique<Kernel>(pd, std::initializer_list<Kernel::Spec>{
      {DIFF_DST, false, SLOT_DST, y}, {SRC, false, SLOT_SRC, x}, {DIFF_WEIGHTS, true, SLOT_WEIGHTS, w}});
}

const Kernel& kernel(Kind kind, const Shape& s, bool bias, float slope, bool bf16) {
  static std::map<Key, std::unique_ptr<Kernel>> cache;
  int32_t slope_bits;
  std::memcpy(&slope_bits, &slope, sizeof slope);
  Key key{kind, bias, slope_bits, bf16, omp_get_max_threads()};  // some kernels are made for a number of threads
  std::memcpy(key.data() + 5, &s, sizeof s);
  std::unique_ptr<Kernel>& found = cache[key];
  if (!found) found = build(kind, s, bias, slope, bf16);
  return *found;
}

// Gradient before the activation: the sign of y is the sign of what went in, so y alone tells where the slope applied.
const float* mask(const float* dy, const float* y, float slope, int64_t size) {
  float* out = static_cast<float*>(buffers[SLOT_MASKED].get(size * sizeof(float)));
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < size; i++) out[i] = y[i] > 0.0f ? dy[i] : slope * dy[i];
  return out;
}

template <class Body>
const char* guarded(Body body) {
  static thread_local std::string message;
  try {
    std::lock_guard<std::mutex> lock(mutex);
    body();
    return nullptr;
  } catch (const std::exception& error) {
    message = error.what();
    return message.c_str();
  }
}
}  // namespace

extern "C" {
int gg_onednn_major() { return dnnl_version()->major; }
int gg_threads() { return omp_get_max_threads(); }
int gg_has_bf16() { return (dnnl_get_effective_cpu_isa() & (ISA_BF16_BIT | ISA_AVX2_BF16_BIT)) != 0; }

// y = leaky_relu(conv(x, w) + b). b may be null.
const char* gg_conv_forward(const float* x, const float* w, const float* b, float* y, const Shape* s, float slope, int bf16) {
  return guarded([&] {
    const Kernel& conv = kernel(FORWARD, *s, b != nullptr, slope, bf16 != 0);
    if (b != nullptr) conv.run({x, w, b, y});
    else conv.run({x, w, y});
  });
}

// Gradients of the above from dy and its output y. dx, dw, db may be null: not wanted.
const char* gg_conv_backward(const float* x, const float* w, const float* y, const float* dy, float* dx, float* dw, float* db,
                             const Shape* s, float slope, int bf16) {
  return guarded([&] {
    if (slope != 1.0f) dy = mask(dy, y, slope, s->out_size());
    if (dx != nullptr) kernel(BACKWARD_DATA, *s, false, 1.0f, bf16 != 0).run({dy, w, dx});
    if (dw != nullptr) {
      const Kernel& conv = kernel(BACKWARD_WEIGHTS, *s, db != nullptr, 1.0f, bf16 != 0);
      if (db != nullptr) conv.run({dy, x, dw, db});
      else conv.run({dy, x, dw});
    }
  });
}
}

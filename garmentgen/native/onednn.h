// The part of oneDNN 3 (https://uxlfoundation.github.io/oneDNN) that native.cc uses: its C declarations, and primitives
// that take plain tensors. Paddle's wheel carries the library but not its headers; the C interface keeps its binary
// form throughout version 3, which build.py checks.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" {
typedef struct dnnl_engine* dnnl_engine_t;
typedef struct dnnl_stream* dnnl_stream_t;
typedef struct dnnl_memory_desc* dnnl_memory_desc_t;
typedef struct dnnl_memory* dnnl_memory_t;
typedef struct dnnl_primitive_desc* dnnl_primitive_desc_t;
typedef struct dnnl_primitive* dnnl_primitive_t;
typedef struct dnnl_primitive_attr* dnnl_primitive_attr_t;
typedef struct dnnl_post_ops* dnnl_post_ops_t;
typedef const dnnl_memory_desc* dnnl_const_md;
typedef const dnnl_primitive_desc* dnnl_const_pd;
typedef const dnnl_primitive_attr* dnnl_const_attr;
typedef const int64_t* dnnl_dims;  // the library reads as many entries as there are dimensions
struct dnnl_exec_arg_t { int arg; dnnl_memory_t memory; };
struct dnnl_version_t { int major, minor, patch; };

const dnnl_version_t* dnnl_version(void);
int dnnl_get_effective_cpu_isa(void);
int dnnl_engine_create(dnnl_engine_t*, int kind, size_t index);
int dnnl_stream_create(dnnl_stream_t*, dnnl_engine_t, unsigned flags);
int dnnl_stream_wait(dnnl_stream_t);
int dnnl_memory_desc_create_with_strides(dnnl_memory_desc_t*, int ndims, dnnl_dims dims, int type, dnnl_dims strides);
int dnnl_memory_desc_create_with_tag(dnnl_memory_desc_t*, int ndims, dnnl_dims dims, int type, int tag);
int dnnl_memory_desc_destroy(dnnl_memory_desc_t);
int dnnl_memory_desc_equal(dnnl_const_md, dnnl_const_md);
size_t dnnl_memory_desc_get_size(dnnl_const_md);
int dnnl_memory_create(dnnl_memory_t*, dnnl_const_md, dnnl_engine_t, void* handle);
int dnnl_memory_set_data_handle(dnnl_memory_t, void* handle);
int dnnl_primitive_attr_create(dnnl_primitive_attr_t*);
int dnnl_primitive_attr_destroy(dnnl_primitive_attr_t);
int dnnl_primitive_attr_set_post_ops(dnnl_primitive_attr_t, const dnnl_post_ops*);
int dnnl_primitive_attr_set_scratchpad_mode(dnnl_primitive_attr_t, int mode);
int dnnl_post_ops_create(dnnl_post_ops_t*);
int dnnl_post_ops_destroy(dnnl_post_ops_t);
int dnnl_post_ops_append_eltwise(dnnl_post_ops_t, int algorithm, float alpha, float beta);
int dnnl_convolution_forward_primitive_desc_create(
    dnnl_primitive_desc_t*, dnnl_engine_t, int prop_kind, int algorithm, dnnl_const_md src, dnnl_const_md weights,
    dnnl_const_md bias, dnnl_const_md dst, dnnl_dims strides, dnnl_dims dilates, dnnl_dims padding_l,
    dnnl_dims padding_r, dnnl_const_attr);
int dnnl_convolution_backward_data_primitive_desc_create(
    dnnl_primitive_desc_t*, dnnl_engine_t, int algorithm, dnnl_const_md diff_src, dnnl_const_md weights,
    dnnl_const_md diff_dst, dnnl_dims strides, dnnl_dims dilates, dnnl_dims padding_l, dnnl_dims padding_r,
    dnnl_const_pd forward_hint, dnnl_const_attr);
int dnnl_convolution_backward_weights_primitive_desc_create(
    dnnl_primitive_desc_t*, dnnl_engine_t, int algorithm, dnnl_const_md src, dnnl_const_md diff_weights,
    dnnl_const_md diff_bias, dnnl_const_md diff_dst, dnnl_dims strides, dnnl_dims dilates, dnnl_dims padding_l,
    dnnl_dims padding_r, dnnl_const_pd forward_hint, dnnl_const_attr);
int dnnl_reorder_primitive_desc_create(dnnl_primitive_desc_t*, dnnl_const_md src, dnnl_engine_t, dnnl_const_md dst,
                                       dnnl_engine_t, dnnl_const_attr);
dnnl_const_md dnnl_primitive_desc_query_md(dnnl_const_pd, int what, int index);
int dnnl_primitive_desc_destroy(dnnl_primitive_desc_t);
int dnnl_primitive_create(dnnl_primitive_t*, dnnl_const_pd);
int dnnl_primitive_execute(const dnnl_primitive*, dnnl_stream_t, int nargs, const dnnl_exec_arg_t* args);
}

namespace onednn {
constexpr int CPU = 1, IN_ORDER = 1;                           // engine kind, stream flag
constexpr int BF16 = 2, F32 = 3;                               // data types
constexpr int TAG_ANY = 1;                                     // "choose the layout for me"
constexpr int FORWARD_TRAINING = 64, DIRECT = 1, RELU = 0x20;  // prop kind, algorithms (RELU takes a slope)
constexpr int SCRATCHPAD_USER = 1;                             // we give the scratch memory
constexpr int SRC = 1, DST = 17, WEIGHTS = 33, BIAS = 41, SCRATCHPAD = 80;  // names of execution arguments
constexpr int DIFF_SRC = 129, DIFF_DST = 145, DIFF_WEIGHTS = 161, DIFF_BIAS = 169;
constexpr int QUERY_EXEC_ARG_MD = 255;                       // layout of an execution argument
constexpr int ISA_BF16_BIT = 0x80;                           // of the instruction set: bf16 products, AVX-512

inline void check(int status, const char* what) {
  if (status == 0) return;
  throw std::runtime_error(std::string("oneDNN refused ") + what + ", status " + std::to_string(status));
}

struct Engine {
  dnnl_engine_t engine = nullptr;
  dnnl_stream_t stream = nullptr;
  Engine() {
    check(dnnl_engine_create(&engine, CPU, 0), "a CPU engine");
    check(dnnl_stream_create(&stream, engine, IN_ORDER), "a stream");
  }
};

inline Engine& cpu() {
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
      if (data_ == nullptr) size_ = 0, throw std::runtime_error("no memory for " + std::to_string(bytes) + " bytes");
    }
    return data_;
  }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

class Layout {  // owns a memory descriptor: dimensions, type, and plain (row-major) or any order
 public:
  enum Order { PLAIN, ANY };
  Layout(const std::vector<int64_t>& dims, int type, Order order) {
    int n = static_cast<int>(dims.size());
    std::vector<int64_t> strides(n, 1);
    for (int i = n - 2; i >= 0; i--) strides[i] = strides[i + 1] * dims[i + 1];
    check(order == PLAIN ? dnnl_memory_desc_create_with_strides(&md_, n, dims.data(), type, strides.data())
                         : dnnl_memory_desc_create_with_tag(&md_, n, dims.data(), type, TAG_ANY), "a layout");
  }
  Layout(const Layout&) = delete;
  ~Layout() { dnnl_memory_desc_destroy(md_); }
  operator dnnl_const_md() const { return md_; }

 private:
  dnnl_memory_desc_t md_ = nullptr;
};

// One argument of a primitive: the caller's plain tensor, and the same in the layout the primitive chose.
struct Port {
  int arg;
  bool output;
  Buffer* buffer;                                          // holds the primitive's layout
  dnnl_memory_t plain = nullptr, inner = nullptr;
  dnnl_primitive_t reorder = nullptr;  // null: the layouts agree, the caller's memory is used as it is
  size_t bytes = 0;

  Port(dnnl_const_pd pd, int arg, bool output, Buffer* buffer, dnnl_const_md caller)
      : arg(arg), output(output), buffer(buffer) {
    dnnl_const_md md = dnnl_primitive_desc_query_md(pd, QUERY_EXEC_ARG_MD, arg);
    check(dnnl_memory_create(&plain, caller, cpu().engine, nullptr), "a memory object");
    check(dnnl_memory_create(&inner, md, cpu().engine, nullptr), "a memory object");
    if (dnnl_memory_desc_equal(md, caller)) return;
    bytes = dnnl_memory_desc_get_size(md);
    dnnl_primitive_desc_t move = nullptr;
    check(dnnl_reorder_primitive_desc_create(&move, output ? md : caller, cpu().engine, output ? caller : md,
                                             cpu().engine, nullptr), "a reorder");
    check(dnnl_primitive_create(&reorder, move), "a reorder");
    dnnl_primitive_desc_destroy(move);
  }
  void move() const {
    dnnl_exec_arg_t args[] = {{SRC, output ? inner : plain}, {DST, output ? plain : inner}};
    check(dnnl_primitive_execute(reorder, cpu().stream, 2, args), "to reorder");
  }
};

// A primitive with its ports. Made once for a shape and kept for the life of the process.
class Kernel {
 public:
  // Takes over pd. The first inputs, then the outputs.
  Kernel(dnnl_primitive_desc_t pd, std::vector<Port> ports, Buffer* scratch)
      : ports_(std::move(ports)), scratch_(scratch) {
    dnnl_const_md md = dnnl_primitive_desc_query_md(pd, QUERY_EXEC_ARG_MD, SCRATCHPAD);
    scratch_bytes_ = dnnl_memory_desc_get_size(md);
    check(dnnl_memory_create(&scratch_memory_, md, cpu().engine, nullptr), "a memory object");
    check(dnnl_primitive_create(&primitive_, pd), "a primitive");
    dnnl_primitive_desc_destroy(pd);
  }
  Kernel(const Kernel&) = delete;

  void run(std::initializer_list<const void*> tensors) const {  // plain tensors in the order of the ports
    std::vector<dnnl_exec_arg_t> args;
    const void* const* tensor = tensors.begin();
    for (const Port& p : ports_) {
      void* outside = const_cast<void*>(*tensor++);
      dnnl_memory_set_data_handle(p.plain, outside);
      dnnl_memory_set_data_handle(p.inner, p.reorder ? p.buffer->get(p.bytes) : outside);
      if (p.reorder && !p.output) p.move();
      args.push_back({p.arg, p.inner});
    }
    dnnl_memory_set_data_handle(scratch_memory_, scratch_->get(scratch_bytes_));
    args.push_back({SCRATCHPAD, scratch_memory_});
    check(dnnl_primitive_execute(primitive_, cpu().stream, static_cast<int>(args.size()), args.data()), "to run");
    for (const Port& p : ports_)
      if (p.reorder && p.output) p.move();
    check(dnnl_stream_wait(cpu().stream), "to wait");
  }

 private:
  std::vector<Port> ports_;
  dnnl_primitive_t primitive_ = nullptr;
  Buffer* scratch_;
  dnnl_memory_t scratch_memory_ = nullptr;
  size_t scratch_bytes_ = 0;
};
}  // namespace onednn

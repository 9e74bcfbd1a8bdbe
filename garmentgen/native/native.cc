// Convolutions by oneDNN and the element-wise passes of our layers, for training on a CPU.
//
// Every tensor from outside is float32, plain and contiguous: activations [N, C, H, W], weights [O, I, kh, kw].
// Plain C functions without a Paddle header: layers.py calls them through ctypes with the addresses of Paddle tensors.
// They return null, or a message that the caller raises. oneDNN and the loops here run on one OpenMP pool, Paddle's;
// with a given number of threads every sum is taken in the same order, so that results repeat bit by bit.
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "onednn.h"

namespace {
using namespace onednn;

Buffer src_buffer, weights_buffer, bias_buffer, dst_buffer, scratchpad, masked, tables;
std::mutex mutex;  // guards the buffers and the cached primitives: one native call at a time

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

// ---------------------------------------------------------------- convolution

struct ConvShape {  // eleven int64 from layers.py
  int64_t n, i, h, w, o, kh, kw, stride_h, stride_w, pad_h, pad_w;
  int64_t out_h() const { return (h + 2 * pad_h - kh) / stride_h + 1; }
  int64_t out_w() const { return (w + 2 * pad_w - kw) / stride_w + 1; }
  int64_t out_size() const { return n * o * out_h() * out_w(); }
};

enum Kind { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS };

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

// oneDNN chooses the layouts (blocks of 8 or 16 channels): 1.5 to 2 times as fast as its kernels for plain ones, and
// reordering in and out takes 2 to 7 % of that.
std::unique_ptr<Kernel> make_conv(Kind kind, const ConvShape& s, bool with_bias, float slope, bool bf16) {
  int type = bf16 ? BF16 : F32;  // of the factors; sums, bias and results are float32
  std::vector<int64_t> x_dims{s.n, s.i, s.h, s.w}, w_dims{s.o, s.i, s.kh, s.kw}, y_dims{s.n, s.o, s.out_h(), s.out_w()};
  Layout x(x_dims, F32, Layout::PLAIN), x_in(x_dims, type, Layout::ANY), x_out(x_dims, F32, Layout::ANY);
  Layout w(w_dims, F32, Layout::PLAIN), w_in(w_dims, type, Layout::ANY), w_out(w_dims, F32, Layout::ANY);
  Layout y(y_dims, F32, Layout::PLAIN), y_in(y_dims, type, Layout::ANY), y_out(y_dims, F32, Layout::ANY);
  Layout b({s.o}, F32, Layout::PLAIN);
  dnnl_const_md bias = with_bias ? static_cast<dnnl_const_md>(b) : nullptr;
  int64_t stride[] = {s.stride_h, s.stride_w}, dilate[] = {0, 0}, left[] = {s.pad_h, s.pad_w};
  int64_t right[] = {(s.out_h() - 1) * s.stride_h + s.kh - s.h - s.pad_h,  // less where the last steps do not fit
                     (s.out_w() - 1) * s.stride_w + s.kw - s.w - s.pad_w};
  Attributes attributes(kind == FORWARD ? slope : 1.0f);
  dnnl_primitive_desc_t pd = nullptr;
  check(dnnl_convolution_forward_primitive_desc_create(&pd, cpu().engine, FORWARD_TRAINING, DIRECT, x_in, w_in, bias,
        y_out, stride, dilate, left, right, attributes.attr), "a forward convolution of this shape");
  std::vector<Port> ports;
  auto port = [&](int arg, bool output, Buffer& buffer, const Layout& plain) {
    ports.emplace_back(pd, arg, output, &buffer, plain);
  };
  if (kind == FORWARD) {
    port(SRC, false, src_buffer, x);
    port(WEIGHTS, false, weights_buffer, w);
    port(DST, true, dst_buffer, y);
    if (with_bias) port(BIAS, false, bias_buffer, b);
    return std::make_unique<Kernel>(pd, std::move(ports), &scratchpad);
  }
  std::unique_ptr<dnnl_primitive_desc, int (*)(dnnl_primitive_desc_t)> hint(pd, dnnl_primitive_desc_destroy);
  if (kind == BACKWARD_DATA) {
    check(dnnl_convolution_backward_data_primitive_desc_create(&pd, cpu().engine, DIRECT, x_out, w_in, y_in, stride,
          dilate, left, right, hint.get(), attributes.attr), "a backward-data convolution of this shape");
    port(DIFF_DST, false, dst_buffer, y);
    port(WEIGHTS, false, weights_buffer, w);
    port(DIFF_SRC, true, src_buffer, x);
  } else {
    check(dnnl_convolution_backward_weights_primitive_desc_create(&pd, cpu().engine, DIRECT, x_in, w_out, bias, y_in,
          stride, dilate, left, right, hint.get(), attributes.attr), "a backward-weights convolution of this shape");
    port(DIFF_DST, false, dst_buffer, y);
    port(SRC, false, src_buffer, x);
    port(DIFF_WEIGHTS, true, weights_buffer, w);
    if (with_bias) port(DIFF_BIAS, true, bias_buffer, b);
  }
  return std::make_unique<Kernel>(pd, std::move(ports), &scratchpad);
}

const Kernel& conv(Kind kind, const ConvShape& s, bool with_bias, float slope, bool bf16) {
  static std::map<std::array<int64_t, 16>, std::unique_ptr<Kernel>> cache;
  int32_t slope_bits;
  std::memcpy(&slope_bits, &slope, sizeof slope);
  std::array<int64_t, 16> key{kind, with_bias, slope_bits, bf16, omp_get_max_threads()};  // made for so many threads
  std::memcpy(key.data() + 5, &s, sizeof s);
  std::unique_ptr<Kernel>& found = cache[key];
  if (found) return *found;
  try {
    found = make_conv(kind, s, with_bias, slope, bf16);
  } catch (const std::exception&) {
    if (!bf16) throw;
    found = make_conv(kind, s, with_bias, slope, false);  // oneDNN has no bfloat16 kernel for this shape
  }
  return *found;
}

// Gradient before the activation: y has the sign of what went into it, so y alone tells where the slope applied.
const float* mask(const float* dy, const float* y, float slope, int64_t size) {
  float* out = static_cast<float*>(masked.get(size * sizeof(float)));
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < size; i++) out[i] = y[i] > 0.0f ? dy[i] : slope * dy[i];
  return out;
}

// ---------------------------------------------------------------- class_norm

struct NormShape {  // six int64 from layers.py: classes = K + 1; style is f times smaller than x
  int64_t n, c, h, w, classes, f;
  int64_t pixels() const { return h * w; }
  int64_t cells() const { return pixels() / (f * f); }
  int64_t rows() const { return std::min(h, f * std::max<int64_t>(1, 1024 / (f * w))); }  // of a block: whole cells
  int64_t blocks() const { return (h + rows() - 1) / rows(); }                            // of one picture
};

// Some rows of one picture, about 1024 neighbouring pixels: what one thread takes through all channels at a time.
struct Block {
  const NormShape& s;
  int64_t picture, first, size;      // first pixel within the picture
  std::vector<int32_t> label, cell;  // of each pixel: class, and index of its style cell within the plane
  std::vector<int32_t> runs;         // starts of stretches of equal labels, and the end
  std::vector<float> scale, shift, v, vh, dot;

  Block(const NormShape& s, const int32_t* labels, int64_t index)
      : s(s), picture(index / s.blocks()), first(index % s.blocks() * s.rows() * s.w),
        size(std::min(s.rows() * s.w, s.pixels() - first)) {
    labels += picture * s.pixels() + first;
    label.assign(labels, labels + size);
    cell.resize(size);
    for (int64_t p = 0; p < size; p++) {
      int64_t row = (first + p) / s.w, column = (first + p) % s.w;
      cell[p] = static_cast<int32_t>(row / s.f * (s.w / s.f) + column / s.f);
      if (p == 0 || label[p] != label[p - 1]) runs.push_back(static_cast<int32_t>(p));
    }
    runs.push_back(static_cast<int32_t>(size));
    for (auto* values : {&scale, &shift, &v, &vh, &dot}) values->assign(size, 0.0f);
  }

  int64_t offset(int64_t channel) const { return (picture * s.c + channel) * s.pixels() + first; }        // in x, y
  int64_t style_offset(int64_t channel) const { return (picture * 2 * s.c + channel) * s.cells(); }       // in style

  // out = base + table of one channel, by class (+ style of one channel, by cell)
  void look_up(const float* table, const float* style, float base, std::vector<float>& out) const {
    const int32_t* index = cell.data();
    float* o = out.data();
    for (size_t k = 0; k + 1 < runs.size(); k++) {
      float t = base + table[label[runs[k]]];
      int32_t p = runs[k], end = runs[k + 1];
      if (style == nullptr)
        for (; p < end; p++) o[p] = t;
      else if (s.f == 1)
        for (const float* here = style + cell[0]; p < end; p++) o[p] = t + here[p];
      else
        for (; p < end; p++) o[p] = t + style[index[p]];
    }
  }
  // sums[class] += values, stretch by stretch
  void add_by_class(const std::vector<float>& values, float* sums) const {
    const float* in = values.data();
    for (size_t k = 0; k + 1 < runs.size(); k++) {
      int32_t p = runs[k], end = runs[k + 1];
      float sum = 0.0f;
      if (end - p < 8) {
        for (; p < end; p++) sum += in[p];
      } else {
#pragma omp simd reduction(+ : sum)
        for (int32_t q = p; q < end; q++) sum += in[q];
      }
      sums[label[runs[k]]] += sum;
    }
  }
  // plane[cell] = sum of values over its F x F pixels, for the cells of this block
  template <int F>
  void sum_by_cell(const float* values, float* plane) const {
    int64_t width = s.w / F;
    for (int64_t row = 0; row < size / s.w; row++) {
      const float* in = values + row * s.w;
      float* out = plane + cell[0] + row / F * width;
      bool first_row = row % F == 0;
      for (int64_t k = 0; k < width; k++) {
        float sum = in[k * F];
        for (int j = 1; j < F; j++) sum += in[k * F + j];
        out[k] = first_row ? sum : out[k] + sum;
      }
    }
  }
  void sum_by_cell(const std::vector<float>& values, float* plane) const {
    if (s.f == 1) sum_by_cell<1>(values.data(), plane);
    else if (s.f == 2) sum_by_cell<2>(values.data(), plane);
    else sum_by_cell<4>(values.data(), plane);
  }
};

void norm_forward(Block& b, const float* x, const float* table, const float* style, float* y, float* r, float slope) {
  const NormShape& s = b.s;
  for (int64_t c = 0; c < s.c; c++) {
    const float* in = x + b.offset(c);
#pragma omp simd
    for (int64_t p = 0; p < b.size; p++) b.dot[p] += in[p] * in[p];
  }
  r += b.picture * s.pixels() + b.first;
  for (int64_t p = 0; p < b.size; p++) r[p] = 1.0f / std::sqrt(b.dot[p] / s.c + 1e-6f);
  for (int64_t c = 0; c < s.c; c++) {
    b.look_up(table + c * s.classes, style ? style + b.style_offset(c) : nullptr, 1.0f, b.scale);
    b.look_up(table + (s.c + c) * s.classes, style ? style + b.style_offset(s.c + c) : nullptr, 0.0f, b.shift);
    const float *in = x + b.offset(c), *scale = b.scale.data(), *shift = b.shift.data();
    float* out = y + b.offset(c);
#pragma omp simd
    for (int64_t p = 0; p < b.size; p++) {
      float value = in[p] * r[p] * scale[p] + shift[p];
      out[p] = value > 0.0f ? value : slope * value;
    }
  }
}

// With h = x r, v = gradient before the activation, d = v scale: dx = r (d - h mean_c(d h)); table, style get v h, v.
// sums: this thread's table gradient [2C, classes]. dx, sums, dstyle may be null: not wanted.
void norm_backward(Block& b, const float* x, const float* table, const float* style, const float* y, const float* r,
                   const float* dy, float* dx, float* sums, float* dstyle, float slope) {
  const NormShape& s = b.s;
  r += b.picture * s.pixels() + b.first;
  float *v = b.v.data(), *vh = b.vh.data(), *scale = b.scale.data(), *dot = b.dot.data();
  for (int64_t c = 0; c < s.c; c++) {
    const float *in = x + b.offset(c), *out = y + b.offset(c), *grad = dy + b.offset(c);
#pragma omp simd
    for (int64_t p = 0; p < b.size; p++) {
      v[p] = out[p] > 0.0f ? grad[p] : slope * grad[p];
      vh[p] = v[p] * in[p] * r[p];
    }
    if (sums != nullptr) {
      b.add_by_class(b.vh, sums + c * s.classes);
      b.add_by_class(b.v, sums + (s.c + c) * s.classes);
    }
    if (dstyle != nullptr) {
      b.sum_by_cell(b.vh, dstyle + b.style_offset(c));
      b.sum_by_cell(b.v, dstyle + b.style_offset(s.c + c));
    }
    if (dx == nullptr) continue;
    b.look_up(table + c * s.classes, style ? style + b.style_offset(c) : nullptr, 1.0f, b.scale);
    float* d = dx + b.offset(c);
#pragma omp simd
    for (int64_t p = 0; p < b.size; p++) {
      d[p] = v[p] * scale[p];
      dot[p] += vh[p] * scale[p];
    }
  }
  if (dx == nullptr) return;
  for (int64_t p = 0; p < b.size; p++) dot[p] *= r[p] / s.c;
  for (int64_t c = 0; c < s.c; c++) {
    const float* in = x + b.offset(c);
    float* d = dx + b.offset(c);
#pragma omp simd
    for (int64_t p = 0; p < b.size; p++) d[p] = r[p] * (d[p] - in[p] * dot[p]);
  }
}

void check_labels(const int32_t* labels, int64_t size, int64_t classes) {
  int32_t low = 0, high = 0;
#pragma omp parallel for simd reduction(min : low) reduction(max : high)
  for (int64_t i = 0; i < size; i++) low = std::min(low, labels[i]), high = std::max(high, labels[i]);
  if (low < 0 || high >= classes)
    throw std::runtime_error("class_norm expects labels from 0 to " + std::to_string(classes - 1) + ", got " +
                             std::to_string(low < 0 ? low : high));
}

// [rows, columns] -> [columns, rows]: the kernels read the table by channel
void transpose(const float* in, float* out, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) out[j * rows + i] = in[i * columns + j];
}
}  // namespace

extern "C" {
int gg_onednn_major() { return dnnl_version()->major; }
int gg_threads() { return omp_get_max_threads(); }
int gg_has_bf16() { return (dnnl_get_effective_cpu_isa() & ISA_BF16_BIT) != 0; }

// y = leaky_relu(conv(x, w) + b). b may be null.
const char* gg_conv_forward(const float* x, const float* w, const float* b, float* y, const ConvShape* s, float slope,
                            int bf16) {
  return guarded([&] { conv(FORWARD, *s, b != nullptr, slope, bf16 != 0).run({x, w, y, b}); });
}

// Gradients of the above from dy and its output y. dx, dw, db may be null (not wanted), db always where dw is.
const char* gg_conv_backward(const float* x, const float* w, const float* y, const float* dy, float* dx, float* dw,
                             float* db, const ConvShape* s, float slope, int bf16) {
  return guarded([&] {
    if (slope != 1.0f) dy = mask(dy, y, slope, s->out_size());
    if (dx != nullptr) conv(BACKWARD_DATA, *s, false, 1.0f, bf16 != 0).run({dy, w, dx});
    if (dw != nullptr) conv(BACKWARD_WEIGHTS, *s, db != nullptr, 1.0f, bf16 != 0).run({dy, x, dw, db});
  });
}

// y = leaky_relu(x r (1 + scale) + shift), see __init__.py; r [N, H, W] is kept for the backward pass; style or null.
const char* gg_norm_forward(const float* x, const int32_t* labels, const float* table, const float* style, float* y,
                            float* r, const NormShape* s, float slope) {
  return guarded([&] {
    check_labels(labels, s->n * s->pixels(), s->classes);
    float* by_channel = static_cast<float*>(tables.get(2 * s->c * s->classes * sizeof(float)));
    transpose(table, by_channel, s->classes, 2 * s->c);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < s->n * s->blocks(); i++) {
      Block block(*s, labels, i);
      norm_forward(block, x, by_channel, style, y, r, slope);
    }
  });
}

// Gradients of the above. dx, dtable, dstyle may be null: not wanted.
const char* gg_norm_backward(const float* x, const int32_t* labels, const float* table, const float* style,
                             const float* y, const float* r, const float* dy, float* dx, float* dtable, float* dstyle,
                             const NormShape* s, float slope) {
  return guarded([&] {
    int64_t size = 2 * s->c * s->classes, threads = omp_get_max_threads();
    float* by_channel = static_cast<float*>(tables.get((1 + threads) * size * sizeof(float)));
    float* sums = by_channel + size;
    transpose(table, by_channel, s->classes, 2 * s->c);
    std::fill(sums, sums + threads * size, 0.0f);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < s->n * s->blocks(); i++) {
      Block block(*s, labels, i);
      float* mine = dtable != nullptr ? sums + omp_get_thread_num() * size : nullptr;
      norm_backward(block, x, by_channel, style, y, r, dy, dx, mine, dstyle, slope);
    }
    if (dtable == nullptr) return;
    for (int64_t t = 1; t < threads; t++)
      for (int64_t k = 0; k < size; k++) sums[k] += sums[t * size + k];
    transpose(sums, dtable, 2 * s->c, s->classes);
  });
}

// ---------------------------------------------------------------- upsample2, avg_pool2, instance_norm_act

// y [planes, 2h, 2w] = factor * x [planes, h, w], each pixel four times.
void gg_repeat(const float* x, float* y, int64_t planes, int64_t h, int64_t w, float factor) {
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < planes * h; row++) {
    const float* in = x + row * w;
    float* out = y + row * 4 * w;
    for (int64_t k = 0; k < w; k++) out[2 * k] = out[2 * k + 1] = factor * in[k];
    std::memcpy(out + 2 * w, out, 2 * w * sizeof(float));
  }
}

// y [planes, h, w] = factor * the sum of each 2 x 2 pixels of x [planes, 2h, 2w].
void gg_gather(const float* x, float* y, int64_t planes, int64_t h, int64_t w, float factor) {
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < planes * h; row++) {
    const float *top = x + row * 4 * w, *below = top + 2 * w;
    float* out = y + row * w;
    for (int64_t k = 0; k < w; k++)
      out[k] = factor * ((top[2 * k] + top[2 * k + 1]) + (below[2 * k] + below[2 * k + 1]));
  }
}

// y = leaky_relu((x - mean) rstd) for each of the planes of `size` pixels; stats [planes, 2] keeps mean, rstd.
void gg_instance_forward(const float* x, float* y, float* stats, int64_t planes, int64_t size, float slope) {
#pragma omp parallel for schedule(static)
  for (int64_t plane = 0; plane < planes; plane++) {
    const float* in = x + plane * size;
    float *out = y + plane * size, sum = 0.0f, square = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (int64_t p = 0; p < size; p++) sum += in[p];
    float mean = sum / size;
#pragma omp simd reduction(+ : square)
    for (int64_t p = 0; p < size; p++) square += (in[p] - mean) * (in[p] - mean);
    float rstd = 1.0f / std::sqrt(square / size + 1e-5f);
#pragma omp simd
    for (int64_t p = 0; p < size; p++) {
      float value = (in[p] - mean) * rstd;
      out[p] = value > 0.0f ? value : slope * value;
    }
    stats[2 * plane] = mean, stats[2 * plane + 1] = rstd;
  }
}

// dx = rstd (v - mean(v) - h mean(v h)), h the normalised x, v the gradient before the activation.
void gg_instance_backward(const float* x, const float* y, const float* stats, const float* dy, float* dx,
                          int64_t planes, int64_t size, float slope) {
#pragma omp parallel for schedule(static)
  for (int64_t plane = 0; plane < planes; plane++) {
    const float *in = x + plane * size, *out = y + plane * size, *grad = dy + plane * size;
    float *d = dx + plane * size, mean = stats[2 * plane], rstd = stats[2 * plane + 1], sum = 0.0f, dot = 0.0f;
#pragma omp simd reduction(+ : sum, dot)
    for (int64_t p = 0; p < size; p++) {
      float v = out[p] > 0.0f ? grad[p] : slope * grad[p];
      d[p] = v, sum += v, dot += v * (in[p] - mean);
    }
    float mean_v = sum / size, slant = dot * rstd * rstd / size;
#pragma omp simd
    for (int64_t p = 0; p < size; p++) d[p] = rstd * (d[p] - mean_v - (in[p] - mean) * slant);
  }
}
}

// The few declarations of oneDNN's C interface (oneDNN 3.x, https://uxlfoundation.github.io/oneDNN) that native.cc uses.
// Paddle's wheel carries the library but not its headers; this interface keeps its binary form throughout version 3.
#pragma once
#include <cstddef>
#include <cstdint>

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

struct dnnl_exec_arg_t {
  int arg;
  dnnl_memory_t memory;
};
struct dnnl_version_t {
  int major, minor, patch;
};

const dnnl_version_t* dnnl_version(void);
int dnnl_get_effective_cpu_isa(void);
int dnnl_engine_create(dnnl_engine_t*, int kind, size_t index);
int dnnl_stream_create(dnnl_stream_t*, dnnl_engine_t, unsigned flags);
int dnnl_stream_wait(dnnl_stream_t);

int dnnl_memory_desc_create_with_strides(dnnl_memory_desc_t*, int ndims, dnnl_dims dims, int type, dnnl_dims strides);
int dnnl_memory_desc_create_with_tag(dnnl_memory_desc_t*, int ndims, dnnl_dims dims, int type, int tag);
int dnnl_memory_desc_clone(dnnl_memory_desc_t*, dnnl_const_md);
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

int dnnl_convolution_forward_primitive_desc_create(dnnl_primitive_desc_t*, dnnl_engine_t, int prop_kind, int algorithm,
                                                   dnnl_const_md src, dnnl_const_md weights, dnnl_const_md bias,
                                                   dnnl_const_md dst, dnnl_dims strides, dnnl_dims dilates,
                                                   dnnl_dims padding_l, dnnl_dims padding_r, dnnl_const_attr);
int dnnl_convolution_backward_data_primitive_desc_create(dnnl_primitive_desc_t*, dnnl_engine_t, int algorithm,
                                                         dnnl_const_md diff_src, dnnl_const_md weights,
                                                         dnnl_const_md diff_dst, dnnl_dims strides, dnnl_dims dilates,
                                                         dnnl_dims padding_l, dnnl_dims padding_r,
                                                         dnnl_const_pd forward_hint, dnnl_const_attr);
int dnnl_convolution_backward_weights_primitive_desc_create(dnnl_primitive_desc_t*, dnnl_engine_t, int algorithm,
                                                            dnnl_const_md src, dnnl_const_md diff_weights,
                                                            dnnl_const_md diff_bias, dnnl_const_md diff_dst,
                                                            dnnl_dims strides, dnnl_dims dilates, dnnl_dims padding_l,
                                                            dnnl_dims padding_r, dnnl_const_pd forward_hint,
                                                            dnnl_const_attr);
int dnnl_reorder_primitive_desc_create(dnnl_primitive_desc_t*, dnnl_const_md src, dnnl_engine_t, dnnl_const_md dst,
                                       dnnl_engine_t, dnnl_const_attr);
dnnl_const_md dnnl_primitive_desc_query_md(dnnl_const_pd, int what, int index);
int dnnl_primitive_desc_destroy(dnnl_primitive_desc_t);
int dnnl_primitive_create(dnnl_primitive_t*, dnnl_const_pd);
int dnnl_primitive_execute(const dnnl_primitive*, dnnl_stream_t, int nargs, const dnnl_exec_arg_t* args);
}

namespace onednn {
constexpr int CPU = 1, IN_ORDER = 1;                                  // engine kind, stream flag
constexpr int BF16 = 2, F32 = 3;                                      // data types
constexpr int TAG_ANY = 1;                                            // "choose the layout for me"
constexpr int FORWARD_TRAINING = 64, DIRECT = 1, RELU = 0x20;         // prop kind, algorithms (RELU takes a slope)
constexpr int SCRATCHPAD_USER = 1;                                    // we give the scratch memory
constexpr int SRC = 1, DST = 17, WEIGHTS = 33, BIAS = 41, SCRATCHPAD = 80;  // names of execution arguments
constexpr int DIFF_SRC = 129, DIFF_DST = 145, DIFF_WEIGHTS = 161, DIFF_BIAS = 169;
constexpr int QUERY_EXEC_ARG_MD = 255;                                // layout of an execution argument
constexpr int ISA_BF16_BIT = 0x80, ISA_AVX2_BF16_BIT = 0x10;          // processor has bf16 products (AVX-512, AVX2)
}  // namespace onednn

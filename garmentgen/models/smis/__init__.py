"""The published model (GroupDNet, Zhu et al., CVPR 2020), for a GPU."""
